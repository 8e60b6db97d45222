"""What an answer is, and what can go wrong with a model."""
