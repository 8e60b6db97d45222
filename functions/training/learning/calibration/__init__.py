"""Probabilities mended, so that they come true as often as they say."""
