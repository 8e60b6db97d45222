"""Functions of one's own whose imports take long."""
