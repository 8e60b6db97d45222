"""Charts of an evaluation: which there are, and each as SVG."""
