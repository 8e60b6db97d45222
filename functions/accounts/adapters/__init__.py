"""Firestore, mail, files."""
