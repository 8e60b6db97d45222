"""What callers do meanwhile: one load a file, each with its own audit."""
