"""How functions and their API read."""
