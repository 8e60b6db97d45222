"""What happens to buckets and objects, on Protocols."""
