"""Who decides how many replicas there are: one rule a file."""
