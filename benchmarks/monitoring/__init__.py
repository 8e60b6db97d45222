"""What monitoring finds, and how often it is right."""
