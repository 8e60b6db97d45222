"""Lines of activity as Parquet: kept, and searched."""
