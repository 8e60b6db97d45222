"""Who calls, in which workspace, and what and how much they may do."""
