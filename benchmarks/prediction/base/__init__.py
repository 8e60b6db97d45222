"""What people write first: one FastAPI application around one ONNX file."""
