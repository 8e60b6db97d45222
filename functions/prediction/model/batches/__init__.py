"""Batches: predictions for a whole table, as a job that is cut into parts."""
