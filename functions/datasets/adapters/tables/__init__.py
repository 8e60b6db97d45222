"""The rows of a revision in memory, as Arrow, and as files of Parquet."""
