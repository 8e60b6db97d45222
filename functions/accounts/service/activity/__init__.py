"""Activity: taken in, kept in few files, and searched."""
