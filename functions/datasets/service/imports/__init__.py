"""Imports into a dataset that is there: taken, checked, carried out in steps, taken back."""
