"""What may be done with datasets and records."""
