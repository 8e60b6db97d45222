"""Rules: what fits a line of versions, what is written beside one, and which is better."""
