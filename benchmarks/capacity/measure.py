"""Take this machine's figures: a Mayfly of its own, a model, and one caller.

`python -m benchmarks.capacity.measure [--to benchmarks/capacity/figures.json]`

Calls and starts are asked for one at a time, so that nobody waits for another: waiting is what the
simulation is for.
"""

import argparse
import asyncio
import statistics
from pathlib import Path
from typing import NamedTuple

import msgspec

from benchmarks import machine
from benchmarks.capacity import bursts
from benchmarks.capacity.inputs import FIGURES, Figures
from benchmarks.capacity.timing import processor_seconds, quantiles, timed
from benchmarks.gateway.load import run as closed_loop
from benchmarks.prediction.cold_start import through_gateway
from benchmarks.prediction.stack import Mayfly
from benchmarks.prediction.throughput import BODY, way
from benchmarks.serving import many_models, servers
from benchmarks.serving.function import JSON, PATH, serving
from benchmarks.serving.loads import family, post, resident_bytes
from benchmarks.stack import Stack, end_in_order

CALLS, BATCHES, STARTS, CONTAINERS, MODELS = 300, 20, 12, 3, 30
BATCH_ROWS = 1_000
LOADS, LOAD_SECONDS, CONNECTIONS = 40, 0.1, 8


def figures() -> Figures:
    """Measure everything; it takes some minutes."""
    busy = machine.busy()
    with serving() as (stack, mayfly, _):
        owner = Mayfly(stack.gateway_url, stack.key, stack.password)
        through_gateway(owner)  # the first ever brings the model's file
        cold = [through_gateway(owner, 0.2) / 1000 for _ in range(STARTS)]
        address, asked = way(mayfly)
        through = timed(address, [asked] * CALLS)
        gateway = loaded(address, asked, int(stack.status()["gateway"]["pid"]))
        containers = [_container(stack, stack.key) for _ in range(CONTAINERS)]
        replica = _replica(stack, owner, mayfly.key)
    return Figures(
        taken=machine.today(),
        machine=machine.described(),
        busy=busy,
        service=quantiles(replica.service),
        batch_rows=BATCH_ROWS,
        batch=quantiles(replica.batch),
        gateway=_middle(gateway),
        container=quantiles(containers),
        model_load=replica.model_load,
        model_bytes=replica.model_bytes,
        call=quantiles(through.clock),
        cold_start=quantiles(cold),
        burst=bursts.measured(),
    )


class Replica(NamedTuple):
    """What a replica takes; seconds of the processor, bytes."""

    service: list[float]
    batch: list[float]
    model_load: float
    model_bytes: float


def _replica(stack: Stack, owner: Mayfly, key: str) -> Replica:
    names = [f"many-{place}" for place in range(MODELS)]
    many_models.train_small(owner)
    many_models.copy(stack, names)
    with servers.function(stack) as ours:
        headers = {**JSON, "Authorization": f"Bearer {key}"}
        service = loaded(ours.address, post(PATH, BODY, headers), ours.process)
        many = [post(PATH, _rows(BATCH_ROWS), headers)] * BATCHES
        batch = timed(ours.address, many, ours.process, warm=3)
        before = resident_bytes(ours.process)
        each = many_models.requests(names, stack.key)  # nobody counts the first key
        firsts, usual = (timed(ours.address, each, ours.process, warm=0) for _ in range(2))
        grown = resident_bytes(ours.process) - before
    load = max(0.0, _middle(firsts.processor) - _middle(usual.processor))
    return Replica(service, batch.processor, load, grown / MODELS)


def _middle(values: list[float]) -> float:
    return round(statistics.median(values), 6)


def _rows(number: int) -> bytes:
    one = BODY[BODY.index(b"[") + 1 : BODY.rindex(b"]")]
    return b'{"records":[' + b",".join([one] * number) + b"]}"


def loaded(address: str, request: bytes, process: int) -> list[float]:
    """Return what calls take of a process's processor under short loads: the mean of each."""
    asyncio.run(closed_loop(address, request, CONNECTIONS, LOAD_SECONDS))
    found = []
    for _ in range(LOADS):
        before = processor_seconds(process)
        came = asyncio.run(closed_loop(address, request, CONNECTIONS, LOAD_SECONDS))
        if came["errors"]:
            raise SystemExit(f"{address}: there were errors: {came}")
        found.append((processor_seconds(process) - before) / came["requests"])
    return found


def _container(stack: Stack, key: str) -> float:
    """Return what a container's program takes of the processor up to its first prediction."""
    with servers.function(stack) as ours:
        headers = {**JSON, "Authorization": f"Bearer {key}"}
        timed(ours.address, [post(PATH, BODY, headers)], ours.process, warm=0)
        return sum(processor_seconds(one) for one in family(ours.process))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--to", type=Path, default=FIGURES)
    given = parser.parse_args()
    end_in_order()
    found = msgspec.json.format(msgspec.json.encode(figures()), indent=1)
    given.to.write_bytes(found + b"\n")
    print(f"written: {given.to}")


if __name__ == "__main__":
    main()
