"""A function's calls by gRPC, which lead where the same calls by HTTP do."""
