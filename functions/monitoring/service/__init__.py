"""The rules of what happens, over ports."""
