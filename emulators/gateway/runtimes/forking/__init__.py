"""Replicas forked from a parent that has imported the heavy libraries."""
