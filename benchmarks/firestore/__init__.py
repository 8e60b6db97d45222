"""The Firestore emulator beside a server that answers the same calls with constants."""
