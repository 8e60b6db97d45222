"""Datasets, records, their log and their imports in Firestore."""
