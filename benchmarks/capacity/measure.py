"""Take this machine's figures: a Mayfly of its own, a model, and one caller.

`python -m benchmarks.capacity.measure [--to benchmarks/capacity/figures.json]`

Calls and starts are asked for one at a time, so that nobody waits for another: waiting is what the
simulation is for.
"""

import argparse
import asyncio
import socket
import statistics
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from benchmarks import machine
from benchmarks.capacity.inputs import FIGURES, Burst, Figures
from benchmarks.gateway.load import run as closed_loop
from benchmarks.gateway.open_loop import Pace, at
from benchmarks.prediction.cold_start import sleep_function, through_gateway
from benchmarks.prediction.stack import Mayfly
from benchmarks.prediction.throughput import BODY, way
from benchmarks.serving import many_models, servers
from benchmarks.serving.function import JSON, PATH, serving
from benchmarks.serving.loads import family, post, resident_bytes
from benchmarks.stack import Stack, end_in_order

SHARES = np.linspace(0, 1, 21)
CALLS, BATCHES, STARTS, CONTAINERS, MODELS = 2_000, 30, 30, 5, 50
BATCH_ROWS = 1_000
WARM = 100
BURST_SECONDS = 10.0
BURST_SHARE = 0.3  # of what the machine answers as fast as it can: it sends, too
LOAD_SECONDS = 3.0
_CLOCK_BITS, _SCHEDULED = 3, 2


class Took(NamedTuple):
    """What calls took, in seconds: by the clock, and of the server's processor."""

    clock: list[float]
    processor: list[float]


def figures() -> Figures:
    """Measure everything; it takes some minutes."""
    busy = machine.busy()
    with serving() as (stack, mayfly, _):
        owner = Mayfly(stack.gateway_url, stack.key, stack.password)
        through_gateway(owner)  # the first ever brings the model's file
        cold = [through_gateway(owner, 0.2) / 1000 for _ in range(STARTS)]
        address, asked = way(mayfly)
        gateway = int(stack.status()["gateway"]["pid"])
        through = timed(address, [asked] * CALLS, gateway)
        top = asyncio.run(closed_loop(address, asked, 8, LOAD_SECONDS))["rate"]
        burst = asyncio.run(_burst(owner, address, asked, BURST_SHARE * top))
        containers = [_container(stack, mayfly.key) for _ in range(CONTAINERS)]
        replica = _replica(stack, owner, mayfly.key)
    return Figures(
        taken=machine.today(),
        machine=machine.described(),
        busy=busy,
        service=quantiles(replica.service),
        batch_rows=BATCH_ROWS,
        batch=quantiles(replica.batch),
        gateway=_middle(through.processor),
        container=quantiles(containers),
        model_load=replica.model_load,
        model_bytes=replica.model_bytes,
        call=quantiles(through.clock),
        cold_start=quantiles(cold),
        burst=burst,
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
        service = timed(ours.address, [post(PATH, BODY, headers)] * CALLS, ours.process)
        many = [post(PATH, _rows(BATCH_ROWS), headers)] * BATCHES
        batch = timed(ours.address, many, ours.process, warm=3)
        before = resident_bytes(ours.process)
        each = many_models.requests(names, key)
        firsts, usual = (timed(ours.address, each, ours.process, warm=0) for _ in range(2))
        grown = resident_bytes(ours.process) - before
    load = max(0.0, _middle(firsts.processor) - _middle(usual.processor))
    return Replica(service.processor, batch.processor, load, grown / MODELS)


def quantiles(values: Iterable[float]) -> list[float]:
    """Return the values at SHARES, to the microsecond."""
    return [round(value, 6) for value in np.quantile(list(values), SHARES).tolist()]


def _middle(values: list[float]) -> float:
    return round(statistics.median(values), 6)


def _rows(number: int) -> bytes:
    one = BODY[BODY.index(b"[") + 1 : BODY.rindex(b"]")]
    return b'{"records":[' + b",".join([one] * number) + b"]}"


def timed(address: str, requests: list[bytes], process: int, warm: int = WARM) -> Took:
    """Return what each request took over one connection; exit where one is refused.

    Args:
        address: HOST:PORT.
        requests: What is asked, one after the other.
        process: Whose processor's time counts.
        warm: How often the first of them is asked before, uncounted.
    """
    host, _, port = address.rpartition(":")
    found = Took([], [])
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for request in [*requests[:1] * warm, *requests]:
            before, began = _processor_seconds(process), time.perf_counter()
            connection.sendall(request)
            answer = _whole(connection)
            found.clock.append(time.perf_counter() - began)
            found.processor.append(_processor_seconds(process) - before)
            if not answer.startswith(b"HTTP/1.1 200"):
                raise SystemExit(f"{address}: {answer[:500].decode(errors='replace')}")
    return Took(found.clock[warm:], found.processor[warm:])


def _whole(connection: socket.socket) -> bytes:
    held = b""
    while True:
        part = connection.recv(1 << 20)
        if not part:
            raise SystemExit(f"the connection ended within an answer: {held[:200]!r}")
        held += part
        head = held.find(b"\r\n\r\n")
        if head < 0:
            continue
        place = held.lower().index(b"content-length:", 0, head)
        length = int(held[place + 15 : held.index(b"\r", place)])
        if len(held) >= head + 4 + length:
            return held


def _processor_seconds(process: int) -> float:
    """Return what a process has taken so far, threads that ended too, to the nanosecond (Linux).

    By the number that clock_getcpuclockid(3) gives for a process.
    """
    return time.clock_gettime((~process << _CLOCK_BITS) | _SCHEDULED)


async def _burst(owner: Mayfly, address: str, asked: bytes, rate: float) -> Burst:
    await asyncio.to_thread(sleep_function, owner)
    pace = Pace(address, asked)
    await pace.run(rate, BURST_SECONDS)
    times = {second: [ms / 1000 for ms in found] for second, found in pace.times.items()}
    every = [one for found in times.values() for one in found]
    later = [one for second, found in times.items() if second for one in found]
    settled = (at(later, 0.5), at(later, 0.95), at(later, 0.99))
    failed = sum(number for status, number in pace.statuses.items() if status != "200")
    whole = at(every, 0.5), at(every, 0.95), at(every, 0.99)
    return Burst(round(rate, 1), BURST_SECONDS, *whole, settled, failed)


def _container(stack: Stack, key: str) -> float:
    """Return what a container's program takes of the processor up to its first prediction."""
    with servers.function(stack) as ours:
        headers = {**JSON, "Authorization": f"Bearer {key}"}
        timed(ours.address, [post(PATH, BODY, headers)], ours.process, warm=0)
        return sum(_processor_seconds(one) for one in family(ours.process))


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
