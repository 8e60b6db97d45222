"""What Firestore means, without I/O: paths, values and their order, writes, queries."""
