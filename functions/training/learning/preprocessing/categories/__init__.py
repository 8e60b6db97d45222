"""Words of a column, told apart: by rank, one by one, by code, or by the mean of the target."""
