"""What callers can do with the registry, over ports."""
