"""Stand-ins for managed services; each also starts alone."""
