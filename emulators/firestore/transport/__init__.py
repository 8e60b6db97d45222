"""The wire: gRPC calls translated to the service and back."""
