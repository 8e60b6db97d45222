"""From a table to a proven ONNX file: numpy, scikit-learn and ONNX alone."""
