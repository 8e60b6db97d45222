"""The rows of a dataset's newest revision, ready for lists, counts, snapshots and exports."""
