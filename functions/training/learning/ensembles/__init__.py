"""Several models as one: which, with what weights, and as one ONNX file."""
