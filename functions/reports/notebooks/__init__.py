"""Notebooks: templates, and what their cells are made of. They know nothing of the function."""
