"""How things read on a page."""
