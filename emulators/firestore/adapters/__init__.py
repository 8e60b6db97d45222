"""The way to the outside: documents in memory and in SQLite, events to functions."""
