"""Reports: an executed notebook, and the same as PDF and HTML, of a dataset or a model."""
