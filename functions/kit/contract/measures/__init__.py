"""Measures of predictions, how sure they are, and two models on the same rows."""
