"""A table's columns, for people: at a glance, and with the target."""
