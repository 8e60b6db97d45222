"""Serves a function's services by gRPC, in one process, until SIGTERM."""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Mapping, Sequence

import grpc
import uvloop
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection, reflection_pb2

from functions.kit.adapters.config import setting
from functions.kit.grpc.handlers import Service, handler_of
from functions.kit.grpc.schemas import Schemas
from functions.kit.grpc.workers import Workers

MOST_CALLS = 1000
"""Calls at once, streams among them: as many as the gateway gives to a replica by HTTP."""
GRACE = 30.0
"""Seconds that calls have to end once the process shall."""
LOOPBACK = "127.0.0.1"


def serve(
    services: Sequence[Service],
    schemas: Schemas,
    max_bytes: int,
    env: Mapping[str, str] = os.environ,
) -> None:
    """Serve on PORT (of the address MAYFLY_LISTEN_ON) until SIGTERM; then end what has begun.

    What blocks runs in THREADS threads, by default as many as there are cores.

    Args:
        services: that are served, beside health and reflection.
        schemas: that have them.
        max_bytes: of a message that comes in.
        env: the environment.
    """
    address = f"{setting(env, 'MAYFLY_LISTEN_ON', str, LOOPBACK)}:{setting(env, 'PORT', int, 8080)}"
    threads = setting(env, "THREADS", int, _cores())
    gc.freeze()  # what is imported stays: no collection would find anything in it
    gc.enable()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(services, schemas, max_bytes, address, threads))


async def _serve(
    services: Sequence[Service], schemas: Schemas, max_bytes: int, address: str, threads: int
) -> None:
    with Workers(threads) as workers:
        server = grpc.aio.server(
            maximum_concurrent_rpcs=MOST_CALLS,
            options=(
                ("grpc.max_receive_message_length", max_bytes),
                ("grpc.max_send_message_length", -1),
                ("grpc.so_reuseport", 0),  # a port that is taken is an error
            ),
        )
        for service in services:
            server.add_generic_rpc_handlers((handler_of(service, schemas, workers),))
        names = [service.name for service in services]
        tells = await _add_health(server, names)
        _add_reflection(server, schemas, names)
        _listen(server, address)
        stopped = _told_to_stop()
        await server.start()
        await stopped.wait()
        await tells.enter_graceful_shutdown()
        await server.stop(GRACE)


def _cores() -> int:
    """Return how many threads run models: more would only take turns."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


async def _add_health(server: grpc.aio.Server, names: Sequence[str]) -> health.aio.HealthServicer:
    tells = health.aio.HealthServicer()
    for name in names:
        await tells.set(name, health_pb2.HealthCheckResponse.SERVING)
    health_pb2_grpc.add_HealthServicer_to_server(tells, server)
    return tells


def _add_reflection(server: grpc.aio.Server, schemas: Schemas, names: Sequence[str]) -> None:
    """Let clients ask for the schema, which is told with those of health and of reflection."""
    for one in (health_pb2.DESCRIPTOR, reflection_pb2.DESCRIPTOR):
        schemas.pool.AddSerializedFile(one.serialized_pb)
    told = (*names, health.SERVICE_NAME, reflection.SERVICE_NAME)
    reflection.enable_server_reflection(told, server, pool=schemas.pool)


def _listen(server: grpc.aio.Server, address: str) -> None:
    try:
        server.add_insecure_port(address)
    except RuntimeError as error:
        sys.exit(f"PORT: {address} cannot be listened on: {error}.")


def _told_to_stop() -> asyncio.Event:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    return stopped
