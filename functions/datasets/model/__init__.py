"""What datasets, records and files mean, without I/O."""
