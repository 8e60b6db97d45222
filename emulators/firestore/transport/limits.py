"""How large a request may be, over gRPC and HTTP alike (contract 0.3)."""

MAX_REQUEST_BYTES = 10_485_760
TOO_LARGE = f"Request payload size exceeds the limit: {MAX_REQUEST_BYTES} bytes."
