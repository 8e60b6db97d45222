"""Model files, ONNX sessions and the registry's documents."""
