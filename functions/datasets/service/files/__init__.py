"""A file becomes a dataset: taken in, looked at, imported."""
