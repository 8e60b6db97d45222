"""What is asked of a training, and what of it cannot be had."""
