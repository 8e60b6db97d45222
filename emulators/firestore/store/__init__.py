"""Where documents are kept: one interface, in memory and in SQLite."""
