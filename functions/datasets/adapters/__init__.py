"""Datasets, records and files where they are kept."""
