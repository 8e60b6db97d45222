"""The HTTP API of the function."""
