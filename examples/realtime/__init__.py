"""Clients of predictions over one connection."""
