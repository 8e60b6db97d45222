"""Windows of a version's predictions: what they are, and what is measured of them; pure."""
