"""The page at the HTTP root: a look inside the databases."""
