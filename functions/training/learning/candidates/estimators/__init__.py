"""Estimators: each learns from a float32 matrix, and says how ONNX computes the same."""
