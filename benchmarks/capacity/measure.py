"""Take this machine's figures: a Mayfly of its own, a model, and one caller.

`python -m benchmarks.capacity.measure [--to benchmarks/capacity/figures.json]`

Services and starts are asked for one at a time, so that nobody waits for another: waiting is what
the simulation is for.
"""

import argparse
import asyncio
import datetime as dt
import os
import platform
import socket
import statistics
import time
from collections.abc import Iterable
from pathlib import Path

import msgspec
import numpy as np

from benchmarks.capacity.inputs import FIGURES, Burst, Figures
from benchmarks.gateway.load import run as closed_loop
from benchmarks.gateway.open_loop import Pace, at
from benchmarks.prediction.cold_start import sleep_function, through_gateway
from benchmarks.prediction.stack import Mayfly
from benchmarks.prediction.throughput import BODY, way
from benchmarks.serving import many_models, servers
from benchmarks.serving.function import JSON, PATH, serving
from benchmarks.serving.loads import post, resident_bytes
from benchmarks.stack import Stack, end_in_order

SHARES = np.linspace(0, 1, 21)
CALLS, BATCHES, STARTS, CONTAINERS, MODELS = 2_000, 30, 30, 5, 50
BATCH_ROWS = 1_000
WARM = 100
BURST_SECONDS = 10.0
BURST_SHARE = 0.3  # of what the machine answers as fast as it can: it sends, too
LOAD_SECONDS = 3.0


def figures() -> Figures:
    """Measure everything; it takes some minutes."""
    busy = os.getloadavg()[0]
    with serving() as (stack, mayfly, _):
        owner = Mayfly(stack.gateway_url, stack.key, stack.password)
        through_gateway(owner)  # the first ever brings the model's file
        cold = [through_gateway(owner, 0.2) / 1000 for _ in range(STARTS)]
        address, asked = way(mayfly)
        through = timed(address, [asked] * CALLS)
        gateway, top = _gateway(stack, address, asked)
        burst = asyncio.run(_burst(owner, address, asked, BURST_SHARE * top))
        containers = [_container(stack, mayfly.key) for _ in range(CONTAINERS)]
        names = [f"many-{place}" for place in range(MODELS)]
        many_models.train_small(owner)
        many_models.copy(stack, names)
        with servers.function(stack) as ours:
            headers = {**JSON, "Authorization": f"Bearer {mayfly.key}"}
            service = timed(ours.address, [post(PATH, BODY, headers)] * CALLS)
            many = post(PATH, _rows(BATCH_ROWS), headers)
            batch = timed(ours.address, [many] * BATCHES, warm=3)
            before = resident_bytes(ours.process)
            firsts = timed(ours.address, many_models.requests(names, mayfly.key), warm=0)
            usual = timed(ours.address, many_models.requests(names, mayfly.key), warm=0)
            grown = resident_bytes(ours.process) - before
    return Figures(
        taken=dt.date.today().isoformat(),  # noqa: DTZ011 - the day where the machine is
        machine=f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}",
        busy=round(busy, 1),
        service=quantiles(service),
        batch_rows=BATCH_ROWS,
        batch=quantiles(batch),
        hop=max(0.0, _middle(through) - _middle(service)),
        gateway=gateway,
        cold_start=quantiles(cold),
        container=quantiles(containers),
        model_load=max(0.0, _middle(firsts) - _middle(usual)),
        model_bytes=grown / MODELS,
        burst=burst,
    )


def quantiles(values: Iterable[float]) -> list[float]:
    """Return the values at SHARES, to the microsecond."""
    return [round(value, 6) for value in np.quantile(list(values), SHARES).tolist()]


def _middle(values: list[float]) -> float:
    return round(statistics.median(values), 6)


def _rows(number: int) -> bytes:
    one = BODY[BODY.index(b"[") + 1 : BODY.rindex(b"]")]
    return b'{"records":[' + b",".join([one] * number) + b"]}"


def timed(address: str, requests: list[bytes], warm: int = WARM) -> list[float]:
    """Return the seconds of each request over one connection; exit where one is refused.

    Args:
        address: HOST:PORT.
        requests: What is asked, one after the other.
        warm: How often the first of them is asked before, uncounted.
    """
    host, _, port = address.rpartition(":")
    found = []
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for request in [*requests[:1] * warm, *requests]:
            began = time.perf_counter()
            connection.sendall(request)
            answer = _whole(connection)
            found.append(time.perf_counter() - began)
            if not answer.startswith(b"HTTP/1.1 200"):
                raise SystemExit(f"{address}: {answer[:500].decode(errors='replace')}")
    return found[warm:]


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


def _gateway(stack: Stack, address: str, asked: bytes) -> tuple[float, float]:
    """Return the processor's seconds of the gateway for a call, and calls a second at the most."""
    process = int(stack.status()["gateway"]["pid"])
    before = _processor_seconds(process)
    found = asyncio.run(closed_loop(address, asked, 8, LOAD_SECONDS))
    if found["errors"]:
        raise SystemExit(f"there were errors: {found}")
    took = (_processor_seconds(process) - before) / found["requests"]
    return round(took, 7), found["rate"]


def _processor_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


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
    """Return the seconds from the start of the container's program to its first prediction."""
    began = time.perf_counter()
    with servers.function(stack) as ours:
        headers = {**JSON, "Authorization": f"Bearer {key}"}
        timed(ours.address, [post(PATH, BODY, headers)], warm=0)
        return time.perf_counter() - began


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
