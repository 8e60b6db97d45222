"""Whose a credential is, and quotas: as Firestore has them, and remembered."""
