"""What services of several functions do alike, over ports alone."""
