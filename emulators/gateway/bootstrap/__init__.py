"""The composition root: every part, put together from settings."""
