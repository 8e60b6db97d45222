"""Calls, a module for each function, or for a part of what one does."""
