"""The rules of the plane, as pure code."""
