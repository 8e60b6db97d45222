"""Changes of records: what they made, and those of many that are under way."""
