"""Mayfly's functions: one folder each, one image each."""
