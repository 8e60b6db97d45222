"""Windows, their sums and references, in Firestore, in the bucket, and in memory."""
