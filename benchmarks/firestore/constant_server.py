"""Answers Firestore calls with constants: the ceiling of gRPC and the client.

``python -m benchmarks.firestore.constant_server --port N [--log FILE]``; the harness starts it.
With a log it also puts each commit on disk before the answer, as any durable server must: that is
the least that durability costs, the ceiling of every server that acknowledges only what is safe.
"""

import argparse
import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import grpc
from google.cloud.firestore_v1 import types
from google.protobuf.timestamp_pb2 import Timestamp

from benchmarks.firestore.documents import BATCH, DATABASE, NAME, STREAMED, document

NOW = Timestamp(seconds=1_700_000_000)


def commit_response(writes: int) -> bytes:
    """Return a serialized CommitResponse for so many writes."""
    response = types.CommitResponse.pb()(commit_time=NOW)
    for _ in range(writes):
        response.write_results.add().update_time.CopyFrom(NOW)
    return bytes(response.SerializeToString())


ONE, MANY = commit_response(1), commit_response(BATCH)
FOUND = types.BatchGetDocumentsResponse.pb()(
    found=document(f"{DATABASE}/documents/{NAME}"), read_time=NOW
).SerializeToString()
RESULTS = [
    types.RunQueryResponse.pb()(
        document=document(f"{DATABASE}/documents/streamed/{number:05}"), read_time=NOW
    ).SerializeToString()
    for number in range(STREAMED)
]
_LONGEST_SINGLE = 10_000
_LOG_BYTES = 8 * 1024 * 1024
_fdatasync = getattr(os, "fdatasync", os.fsync)  # macOS has no fdatasync

Commit = Callable[[bytes, Any], Awaitable[bytes]]


async def commit(raw: bytes, _context: Any) -> bytes:
    return MANY if len(raw) > _LONGEST_SINGLE else ONE


def synced(path: Path) -> Commit:
    """Return a commit that writes the request to a log and syncs it: one write, one fdatasync.

    The log has its length beforehand, and is written from the front again when it is full: to
    sync what makes a file longer takes twice as long.
    """
    log = os.open(path, os.O_RDWR | os.O_CREAT)
    os.pwrite(log, bytes(_LOG_BYTES), 0)
    os.fsync(log)
    place = 0

    async def commit_synced(raw: bytes, context: Any) -> bytes:
        nonlocal place
        place = place if place + len(raw) <= _LOG_BYTES else 0
        os.pwrite(log, raw, place)
        _fdatasync(log)
        place += len(raw)
        return await commit(raw, context)

    return commit_synced


async def get(_raw: bytes, _context: Any) -> AsyncIterator[bytes]:
    yield FOUND


async def run_query(_raw: bytes, _context: Any) -> AsyncIterator[bytes]:
    for result in RESULTS:
        yield result


async def serve(port: int, on_commit: Commit) -> None:
    server = grpc.aio.server(options=(("grpc.max_receive_message_length", 20_000_000),))
    handlers = {
        "Commit": grpc.unary_unary_rpc_method_handler(on_commit),
        "BatchGetDocuments": grpc.unary_stream_rpc_method_handler(get),
        "RunQuery": grpc.unary_stream_rpc_method_handler(run_query),
    }
    service = grpc.method_handlers_generic_handler("google.firestore.v1.Firestore", handlers)
    server.add_generic_rpc_handlers((service,))
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    await stopped.wait()
    await server.stop(0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--log", type=Path, help="file to put each commit in before the answer")
    given = parser.parse_args()
    asyncio.run(serve(given.port, synced(given.log) if given.log else commit))
