"""What a file says of itself: its encoding, its dialect, and what its cells may stand for."""
