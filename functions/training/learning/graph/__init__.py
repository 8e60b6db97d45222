"""The ONNX file: how it is put together, and the proof that it predicts alike."""
