"""Calls that are answered later."""
