"""The schema of a model as Protocol Buffers have it, made from its signature."""
