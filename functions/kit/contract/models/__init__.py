"""Versions of models: what they take and give, how they are opened, who serves them."""
