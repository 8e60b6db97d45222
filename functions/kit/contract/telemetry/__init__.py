"""What functions tell of calls and predictions, and the files that it is kept in."""
