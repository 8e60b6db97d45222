"""The same in memory, for tests without Firestore."""
