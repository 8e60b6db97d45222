"""What users and the queue do with jobs."""
