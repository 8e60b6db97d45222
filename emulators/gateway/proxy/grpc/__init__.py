"""Calls over HTTP/2 without TLS, as gRPC's are."""
