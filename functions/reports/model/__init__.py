"""What a report is, how it goes from state to state, and what its notebook says."""
