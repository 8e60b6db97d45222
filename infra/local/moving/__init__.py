"""Moves what a backup holds into another Firestore and another bucket, real or emulated."""
