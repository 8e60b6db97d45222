"""What an API description says of one model."""
