"""Records in, predictions out."""
