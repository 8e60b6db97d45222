"""Forms: text from a page becomes typed values, and values become text."""
