"""The HTTP APIs of the function: records, and the Open Inference Protocol."""
