"""From columns to the numbers that estimators take, the same in Python and in ONNX."""
