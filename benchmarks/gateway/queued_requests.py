"""10,000 requests that wait for a function which never becomes ready: the gateway's memory.

``python -m benchmarks.gateway.queued_requests [--requests 10000]``: at most 300 MB are wanted, and
a 503 for each within the start limit.
"""

import argparse
import asyncio
import os
import resource
import tempfile
import time
from collections import Counter
from pathlib import Path

import uvloop

from benchmarks.gateway.harness import NAME, gateway
from benchmarks.gateway.idle_functions import memory
from benchmarks.gateway.rolling_update import put

CODE = "import time\n\ntime.sleep(3600)\n"
MOST_MB = 300
START_LIMIT = 20
_AT_ONCE = 200  # connections being opened


async def ask(port: int, turn: asyncio.Semaphore) -> str:
    """Make a request; return the status of its answer."""
    async with turn:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET /function/{NAME}/ HTTP/1.1\r\nhost: localhost\r\n\r\n".encode())
    line = await reader.readline()
    writer.close()
    return line.decode().split(" ")[1] if line else "closed"


async def crowd(port: int, requests: int) -> Counter[str]:
    """Make many requests at once; return their statuses."""
    turn = asyncio.Semaphore(_AT_ONCE)
    return Counter(await asyncio.gather(*(ask(port, turn) for _ in range(requests))))


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000)
    given = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    os.environ["GATEWAY_START_LIMIT"] = str(START_LIMIT)
    preload = "functions_framework,granian._granian,granian.wsgi"
    with gateway(preload) as running, tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "main.py").write_text(CODE)
        put(running, Path(folder), "one")
        before, began = memory(running), time.monotonic()
        peak = [before]

        async def watched() -> Counter[str]:
            task = asyncio.create_task(crowd(running.port, given.requests))
            while not task.done():
                peak.append(memory(running))
                await asyncio.sleep(0.2)
            return task.result()

        statuses = uvloop.run(watched())
        took = time.monotonic() - began
    print(
        f"{given.requests} requests waiting: {max(peak):.0f} MB at most (wanted {MOST_MB}; "
        f"{before:.0f} MB before); {dict(statuses)} after {took:.1f} s"
    )


if __name__ == "__main__":
    main()
