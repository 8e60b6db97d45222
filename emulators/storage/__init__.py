"""Google Cloud Storage on a folder: the gcp-storage-emulator package, made durable."""
