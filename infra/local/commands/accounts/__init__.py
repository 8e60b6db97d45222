"""Commands on accounts, keys, plans, and what was asked."""
