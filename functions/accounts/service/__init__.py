"""What callers can do, over ports."""
