"""The function that asynchronous calls of the fault run reach."""
