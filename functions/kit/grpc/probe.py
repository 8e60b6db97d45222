"""Asks the server on PORT of this machine whether it serves, for a container's health check."""

import os
import sys

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from functions.kit.adapters.config import setting

SECONDS = 2.0


def main() -> None:
    """Exit with 0 where it says that it serves."""
    port = setting(os.environ, "PORT", int, 8080)
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        try:
            answer = stub.Check(health_pb2.HealthCheckRequest(), timeout=SECONDS)
        except grpc.RpcError as error:
            sys.exit(f"The server on port {port} does not answer: {error.details()}.")
    sys.exit(answer.status != health_pb2.HealthCheckResponse.SERVING)


if __name__ == "__main__":
    main()
