"""Alerts: rules, what they find, what is told of it and done about it."""
