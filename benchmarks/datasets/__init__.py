"""Lists and snapshots of large datasets."""
