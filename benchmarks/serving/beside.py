"""One row: the function, the function through its gateway, FastAPI, MLServer and BentoML.

`python -m benchmarks.serving.beside [--seconds 3] [--rounds 5] [--without bentoml]`

Ours are called with a stored key of an account whose plan is counted, with a schema, and tell of
their activity; the others
are bare. Each is asked in its own form for the same row of the same model. A side's processor time
is that of its process and all that it has started: of the gateway's with its replicas'.
"""

import argparse
import contextlib
from collections.abc import Iterator
from pathlib import Path

from benchmarks.prediction.stack import Mayfly
from benchmarks.prediction.throughput import BODY
from benchmarks.serving import others, servers
from benchmarks.serving.function import JSON, PATH, serving
from benchmarks.serving.loads import Measured, Side, in_turns, middle, post
from benchmarks.stack import Stack, end_in_order

WANTED = {"FastAPI": 2.0, "MLServer": 10.0, "BentoML": 10.0}
"""How many times as fast as each of them the gateway is to be."""


@contextlib.contextmanager
def sides(
    stack: Stack, mayfly: Mayfly, file: Path, without: list[str]
) -> Iterator[dict[str, Side]]:
    """Start what is measured, and give each by its name."""
    key = {**JSON, "Authorization": f"Bearer {mayfly.key}"}
    with contextlib.ExitStack() as running:
        ours = running.enter_context(servers.function(stack))
        found = {
            "function": Side(ours.address, post(PATH, BODY, key), ours.process),
            "gateway": Side(
                mayfly.address,
                post(f"/function/prediction{PATH}", BODY, key),
                stack.status()["gateway"]["pid"],
            ),
        }
        base = running.enter_context(servers.fastapi(file))
        found["FastAPI"] = Side(base.address, post("/predict", BODY, JSON), base.process)
        if "mlserver" not in without:
            peer = running.enter_context(others.mlserver(file, file.parent / "mlserver"))
            request = post(others.MLSERVER, others.tensors(), JSON)
            found["MLServer"] = Side(peer.address, request, peer.process)
        if "bentoml" not in without:
            peer = running.enter_context(others.bentoml(file, file.parent / "bentoml"))
            found["BentoML"] = Side(peer.address, post(others.BENTOML, BODY, JSON), peer.process)
        yield found


def tell(found: dict[str, list[Measured]], connections: int) -> None:
    """Print a line a side, and how the gateway stands beside each of the others."""
    middles = {name: middle(one) for name, one in found.items()}
    for name, one in middles.items():
        print(f"one row, {connections:2} connections  {name:10}{one}", flush=True)
    ours = middles["gateway"].rate
    for name, least in WANTED.items():
        if name in middles:
            print(f"    gateway: {ours / middles[name].rate:.2f} x {name} (wanted {least:g})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3.0, help="of load, each side and round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--without", nargs="*", default=[], choices=("mlserver", "bentoml"))
    options = parser.parse_args()
    end_in_order()
    with (
        serving() as (stack, mayfly, file),
        sides(stack, mayfly, file, options.without) as found,
    ):
        for connections in (8, 64):
            tell(in_turns(found, connections, options.seconds, options.rounds), connections)


if __name__ == "__main__":
    main()
