"""What a list may be asked for: conditions, an order, and where to go on."""
