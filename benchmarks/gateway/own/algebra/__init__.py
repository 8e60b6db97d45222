"""Algebra: sympy."""
