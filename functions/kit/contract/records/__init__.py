"""A table's columns, what their values mean, and what is known of them."""
