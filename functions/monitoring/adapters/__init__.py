"""Parquet in the bucket, and other functions."""
