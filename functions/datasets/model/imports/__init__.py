"""Rows that are brought into datasets: what is asked for, from where, and when."""
