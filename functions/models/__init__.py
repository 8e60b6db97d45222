"""The model registry: versions, aliases, promotion and rollback."""
