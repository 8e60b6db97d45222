"""The pod that a Service leads to, and its containers."""
