"""What is done with whole files, in words."""
