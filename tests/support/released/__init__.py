"""What callers of the last release rely on, and what of it is kept."""
