"""Where batches are kept, and how their files are read and written."""
