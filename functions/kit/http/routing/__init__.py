"""Routes: found by path and method, and described in OpenAPI."""
