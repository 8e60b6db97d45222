"""What is done with batches."""
