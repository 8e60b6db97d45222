"""Firestore and storage: one client a process, and the files that functions keep alike."""
