"""Which indexes the real service demands for a query, and which are declared."""
