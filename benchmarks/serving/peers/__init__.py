"""What others serve the same model with; each runs in an environment of its own."""
