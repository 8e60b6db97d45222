"""Accounts' documents, keys and plans in Firestore."""
