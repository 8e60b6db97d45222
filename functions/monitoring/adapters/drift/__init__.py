"""How a model's windows are compared, as it is kept."""
