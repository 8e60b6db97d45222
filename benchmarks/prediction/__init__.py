"""How fast one row is predicted, how soon the first: each figure beside its base, in one run."""
