"""The training function: a job of candidates, cross-validated, exported to ONNX and proven."""
