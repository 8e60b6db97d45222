"""Puts parts of the function together that few calls need."""
