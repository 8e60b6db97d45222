"""What functions are configured with: config maps, secrets, namespaces."""
