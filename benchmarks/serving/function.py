"""The function itself: one row, and a thousand; against FastAPI, and against onnxruntime alone.

`python -m benchmarks.serving.function [--seconds 3] [--rounds 5] [--only rows|batches]`

The function runs as in its container, with a stored key of an account whose plan is counted, a
schema, and its activity told. The base is a bare FastAPI application around the same file, with one
worker, in an environment of its own. Where other programs load the machine, too, the processor's
time for each request says more than the rate.
"""

import argparse
import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.prediction.accounts import counted
from benchmarks.prediction.stack import Mayfly, ensure_model, model_file
from benchmarks.prediction.throughput import BODY
from benchmarks.serving import batches, servers
from benchmarks.serving.loads import Side, in_turns, middle, post
from benchmarks.serving.servers import Server
from benchmarks.stack import Stack, end_in_order, started

PATH = "/models/titanic/predict"
JSON = {"Content-Type": "application/json"}
LEAST = 3.0


@contextlib.contextmanager
def serving() -> Iterator[tuple[Stack, Mayfly, Path]]:
    """Give a stack with a model, its Mayfly with a key that is counted, and the model's file."""
    with (
        tempfile.TemporaryDirectory(prefix="mayfly-serving-") as name,
        started(Stack(Path(name))) as stack,
    ):
        mayfly = Mayfly(stack.gateway_url, stack.key, stack.password)
        ensure_model(mayfly)
        yield stack, counted(mayfly), model_file(mayfly, Path(name))


@contextlib.contextmanager
def sides() -> Iterator[tuple[Server, Server, Mayfly, Path]]:
    """Give the function, the base, the Mayfly whose stores they use, and the model's file."""
    with (
        serving() as (stack, mayfly, file),
        servers.function(stack) as ours,
        servers.fastapi(file) as base,
    ):
        yield ours, base, mayfly, file


def rows(ours: Server, base: Server, key: str, options: argparse.Namespace) -> None:
    """Measure one row over few and many connections, and print it."""
    headers = {**JSON, "Authorization": f"Bearer {key}"}
    sides = {
        "function": Side(ours.address, post(PATH, BODY, headers), ours.process),
        "FastAPI": Side(base.address, post("/predict", BODY, JSON), base.process),
    }
    for connections in (8, 64):
        found = in_turns(sides, connections, options.seconds, options.rounds)
        middles = {name: middle(one) for name, one in found.items()}
        for name, one in middles.items():
            print(f"one row, {connections:2} connections  {name:10}{one}", flush=True)
        mine, theirs = middles["function"], middles["FastAPI"]
        print(
            f"    {mine.rate / theirs.rate:.2f} x the rate (wanted {LEAST:g}), "
            f"{theirs.processor / mine.processor:.2f} x as much for the same processor's time"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3.0, help="of load, each side and round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=("rows", "batches"))
    options = parser.parse_args()
    end_in_order()
    with sides() as (ours, base, mayfly, file):
        if options.only != "batches":
            rows(ours, base, mayfly.key, options)
        if options.only != "rows":
            batches.measure(ours, mayfly, file, options)


if __name__ == "__main__":
    main()
