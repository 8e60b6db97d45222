"""Google Cloud Storage on a folder."""
