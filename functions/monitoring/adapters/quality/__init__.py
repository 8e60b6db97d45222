"""What quality is measured from: the registry's versions, tables of predictions."""
