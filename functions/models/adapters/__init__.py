"""The registry in Firestore, its double in memory, and the process that examines files."""
