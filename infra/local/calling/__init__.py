"""Calls to the functions of a system."""
