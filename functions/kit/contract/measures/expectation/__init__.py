"""What a model's measures are likely to be on rows whose truth nobody knows yet."""
