"""One row by gRPC's ModelInfer: the function, against MLServer around the same file.

`python -m benchmarks.serving.grpc [--seconds 3] [--rounds 5]`

The function runs as in its container, with a stored key of an account whose plan is counted, a
schema, and its activity told. MLServer runs bare, in an environment of its own, with a runtime of a
few lines around onnxruntime, and without processes of its own beside (`parallel_workers: 0`), which
is faster for one row. Both get the same bytes from the same client, which takes more of a processor
than either: with other load on the machine, the processor's time for each request says more than
the rate.
"""

import argparse
import asyncio
import contextlib
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import grpc.aio
import numpy as np

from benchmarks.prediction.accounts import counted
from benchmarks.prediction.stack import COLUMNS, MODEL, RECORD, Mayfly, ensure_model, model_file
from benchmarks.serving import others, servers
from benchmarks.serving.loads import WARM, Measured, middle, processor_seconds
from benchmarks.serving.servers import Server
from benchmarks.stack import Stack, end_in_order, started
from functions.kit.grpc.schemas import Schemas
from functions.prediction.wiring.by_grpc import SCHEMAS

METHOD = "/inference.GRPCInferenceService/ModelInfer"
LEAST = 2.0
Metadata = tuple[tuple[str, str], ...]


def request() -> bytes:
    """Return the bytes of a call for one row, with raw contents."""
    asked = Schemas(SCHEMAS).message("inference.ModelInferRequest")(model_name=MODEL)
    for name in COLUMNS:
        value = RECORD[name]
        if isinstance(value, str):
            datatype, raw = "BYTES", len(value).to_bytes(4, "little") + value.encode()
        else:
            datatype, raw = "FP32", np.float32(value).tobytes()
        asked.inputs.add(name=name, datatype=datatype, shape=[1, 1])
        asked.raw_input_contents.append(raw)
    found: bytes = asked.SerializeToString()
    return found


async def run(
    address: str, body: bytes, metadata: Metadata, connections: int, seconds: float
) -> tuple[list[float], int]:
    """Ask over so many connections, each again once it has its answer; return times and errors."""
    took: list[float] = []
    errors = 0
    until = time.perf_counter() + seconds

    async def ask(channel: grpc.aio.Channel) -> None:
        nonlocal errors
        call = channel.unary_unary(METHOD)  # of bytes, as they are
        while (began := time.perf_counter()) < until:
            try:
                await call(body, metadata=metadata)
            except grpc.aio.AioRpcError:
                errors += 1
            took.append(time.perf_counter() - began)

    own = (("grpc.use_local_subchannel_pool", 1),)  # a connection for each
    async with contextlib.AsyncExitStack() as stack:
        channels = [
            await stack.enter_async_context(grpc.aio.insecure_channel(address, options=own))
            for _ in range(connections)
        ]
        await asyncio.gather(*map(ask, channels))
    return took, errors


def load(server: Server, body: bytes, metadata: Metadata, connections: int, s: float) -> Measured:
    """Load a server for `s` seconds."""
    used = processor_seconds(server.process)
    took, errors = asyncio.run(run(server.address, body, metadata, connections, s))
    used = processor_seconds(server.process) - used
    p50, p99 = np.percentile(took, (50, 99)) * 1000
    return Measured(len(took) / s, float(p50), float(p99), errors, used / len(took) * 1e6)


def measure(sides: Mapping[str, tuple[Server, Metadata]], options: argparse.Namespace) -> None:
    """Load both in turns over few and many connections, and print it."""
    body = request()
    for connections in (1, 8, 64):
        found: dict[str, list[Measured]] = {name: [] for name in sides}
        for server, metadata in sides.values():
            load(server, body, metadata, connections, WARM)
        for number in range(options.rounds):
            for name in [*sides][:: -1 if number % 2 else 1]:
                one = load(*sides[name][:1], body, sides[name][1], connections, options.seconds)
                found[name].append(one)
        middles = {name: middle(one) for name, one in found.items()}
        for name, one in middles.items():
            print(f"one row, {connections:2} connections  {name:10}{one}", flush=True)
        mine, theirs = middles["function"], middles["MLServer"]
        print(
            f"    {mine.rate / theirs.rate:.2f} x the rate (wanted {LEAST:g}), "
            f"{theirs.processor / mine.processor:.2f} x as much for the same processor's time"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3.0, help="of load, each side and round")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    end_in_order()
    with (
        tempfile.TemporaryDirectory(prefix="mayfly-serving-") as name,
        started(Stack(Path(name) / "home")) as stack,
    ):
        mayfly = Mayfly(stack.gateway_url, stack.key, stack.password)
        ensure_model(mayfly)
        file = model_file(mayfly, Path(name))
        with (
            servers.function(stack, MAYFLY_SERVES="grpc") as ours,
            others.mlserver(file, Path(name) / "mlserver", speaks="grpc") as base,
        ):
            key: Any = counted(mayfly).key
            shown = (("authorization", f"Bearer {key}"),)
            measure({"function": (ours, shown), "MLServer": (base, ())}, options)


if __name__ == "__main__":
    main()
