"""A durable local Firestore: gRPC in front of SQLite, for the unmodified official clients."""
