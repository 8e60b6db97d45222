"""Serves ONNX models: records or Open Inference tensors in, predictions out."""
