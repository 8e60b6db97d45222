"""What is told of calls: a line each, spans, and what both are made of."""
