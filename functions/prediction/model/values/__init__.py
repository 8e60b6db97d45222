"""What values of other forms than JSON mean: one place for each, so that all forms agree."""
