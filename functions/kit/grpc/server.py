"""Serves a function's services by gRPC, in one process, until SIGTERM."""

import asyncio
import contextlib
import gc
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence

import grpc
import uvloop
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection, reflection_pb2, reflection_pb2_grpc

from functions.kit.adapters.config import setting
from functions.kit.contract.access.identity import Caller
from functions.kit.grpc.calls import GrpcCall
from functions.kit.grpc.gate import MOST_CALLS, Gate
from functions.kit.grpc.handlers import Rooms, Service, handler_of
from functions.kit.grpc.schemas import Schemas
from functions.kit.grpc.strangers import Strangers
from functions.kit.grpc.workers import Workers

GRACE = 30.0
"""Seconds that calls have to end once the process shall."""
LOOPBACK = "127.0.0.1"


def serve(
    services: Sequence[Service],
    schemas: Schemas,
    recognise: Callable[[GrpcCall], Caller],
    max_bytes: int,
    env: Mapping[str, str] = os.environ,
) -> None:
    """Serve on PORT (of the address MAYFLY_LISTEN_ON) until SIGTERM; then end what has begun.

    What blocks runs in THREADS threads, by default as many as there are cores.

    Args:
        services: that are served, beside health and reflection.
        schemas: that have them.
        recognise: tells who makes a call.
        max_bytes: of a message that comes in.
        env: the environment.
    """
    address = f"{setting(env, 'MAYFLY_LISTEN_ON', str, LOOPBACK)}:{setting(env, 'PORT', int, 8080)}"
    threads = setting(env, "THREADS", int, _cores())
    gc.freeze()  # what is imported stays: no collection would find anything in it
    gc.enable()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        gate = Gate(recognise, max_bytes)
        runner.run(_serve(services, schemas, gate, address, threads))


async def _serve(
    services: Sequence[Service], schemas: Schemas, gate: Gate, address: str, threads: int
) -> None:
    with Workers(threads) as workers, contextlib.closing(gate):
        server = grpc.aio.server(
            options=(
                ("grpc.max_receive_message_length", gate.most_bytes),
                ("grpc.max_send_message_length", -1),
                ("grpc.max_concurrent_streams", MOST_CALLS),  # of a connection
                ("grpc.so_reuseport", 0),  # a port that is taken is an error
            ),
        )
        strangers = Strangers(server)
        rooms = Rooms(gate, strangers, workers)
        for service in services:
            server.add_generic_rpc_handlers((handler_of(service, schemas, rooms),))
        names = [service.name for service in services]
        tells = await _add_health(strangers, names)
        _add_reflection(strangers, schemas, names)
        _listen(server, address)
        stopped = _told_to_stop()
        await server.start()
        await stopped.wait()
        await tells.enter_graceful_shutdown()
        await server.stop(GRACE)


def _cores() -> int:
    """Return how many threads run models: more would only take turns."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


async def _add_health(server: Strangers, names: Sequence[str]) -> health.aio.HealthServicer:
    tells = health.aio.HealthServicer()
    for name in names:
        await tells.set(name, health_pb2.HealthCheckResponse.SERVING)
    health_pb2_grpc.add_HealthServicer_to_server(tells, server)
    return tells


def _add_reflection(server: Strangers, schemas: Schemas, names: Sequence[str]) -> None:
    """Let clients ask for the schema, which is told with those of health and of reflection."""
    for one in (health_pb2.DESCRIPTOR, reflection_pb2.DESCRIPTOR):
        schemas.pool.AddSerializedFile(one.serialized_pb)
    told = (*names, health.SERVICE_NAME, reflection.SERVICE_NAME)
    tells = reflection.aio.ReflectionServicer(told, pool=schemas.pool)
    reflection_pb2_grpc.add_ServerReflectionServicer_to_server(tells, server)


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
