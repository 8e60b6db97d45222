"""A burst on the local plane: a function that sleeps, from no replica on."""

import asyncio
import tempfile
from pathlib import Path

from benchmarks.capacity.inputs import Burst
from benchmarks.capacity.timing import quantiles, timed
from benchmarks.gateway.harness import NAME, Running, gateway
from benchmarks.gateway.open_loop import Pace, at
from benchmarks.gateway.rolling_update import put

CODE = "import time\n\n\ndef handle(request):\n    time.sleep(0.2)\n    return 'done'\n"
PRELOAD = "functions_framework,granian._granian,granian.wsgi"
REQUEST = f"GET /function/{NAME}/ HTTP/1.1\r\nhost: localhost\r\n\r\n".encode()
RATE, SECONDS = 20.0, 40.0
CALLS, STARTS = 60, 15


def measured() -> Burst:
    """Measure it on a gateway of its own."""
    with gateway(PRELOAD, threads=1) as running, tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "main.py").write_text(CODE)
        put(running, Path(folder), "one")
        to = f"127.0.0.1:{running.port}"
        takes = timed(to, [REQUEST] * CALLS, warm=5).clock
        starts = [_start(running, to) for _ in range(STARTS)]
        running.scale(0)
        pace = Pace(to, REQUEST)
        asyncio.run(_paced(pace))
        return _told(pace, takes, starts, running.replicas())


async def _paced(pace: Pace) -> None:
    await pace.run(RATE, SECONDS)


def _start(running: Running, to: str) -> float:
    running.scale(0)
    [took] = timed(to, [REQUEST], warm=0).clock
    return took


def _told(pace: Pace, takes: list[float], starts: list[float], replicas: int) -> Burst:
    halves: tuple[list[float], list[float]] = [], []
    for moment, found in pace.times.items():
        halves[moment >= SECONDS / 2].extend(ms / 1000 for ms in found)
    first, second = ((at(one, 0.5), at(one, 0.95), at(one, 0.99)) for one in halves)
    failed = sum(number for status, number in pace.statuses.items() if status != "200")
    times = quantiles(takes), quantiles(starts)
    return Burst(RATE, SECONDS, *times, first, second, replicas, failed)
