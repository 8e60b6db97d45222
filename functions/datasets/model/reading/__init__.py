"""How a file is read: what is decided of it, detected from it, and asked where two readings fit."""
