"""The calls of google.firestore.v1.Firestore, the same for gRPC and REST."""
