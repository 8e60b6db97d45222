"""Compares windows: by what was summed of them, and by some of their rows."""
