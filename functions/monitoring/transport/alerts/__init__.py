"""The HTTP API of rules, alerts and channels."""
