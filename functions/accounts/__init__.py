"""The function `accounts`: who may do what, and how often."""
