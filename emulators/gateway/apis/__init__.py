"""The APIs that the gateway answers."""
