"""200 functions deployed and idle against one: processes, memory, routing time.

``python -m benchmarks.gateway.idle_functions [--functions 200]``: no replica, at most 50 MB more,
and the same routing time are wanted.
"""

import argparse
import contextlib
import http.client
import re
import time
from pathlib import Path

from benchmarks.gateway.harness import NAME, Running, gateway

MOST_MB = 50


def memory(running: Running) -> float:
    """Return the gateway's own memory in MB."""
    text = Path(f"/proc/{running.process.pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", text)
    assert found is not None
    return int(found[1]) / 1024


def routing(running: Running, times: int) -> float:
    """Return the median microseconds of a warm call."""
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=10)
    taken = []
    with contextlib.closing(connection):
        for _ in range(times):
            began = time.perf_counter()
            connection.request("GET", f"/function/{NAME}/")
            assert connection.getresponse().read()
            taken.append((time.perf_counter() - began) * 1e6)
    return sorted(taken)[times // 2]


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--functions", type=int, default=200)
    parser.add_argument("--times", type=int, default=2000)
    given = parser.parse_args()
    with gateway("functions_framework,granian._granian,granian.wsgi") as running:
        running.deploy_another(NAME, 0)
        routing(running, 200)
        one, one_memory = routing(running, given.times), memory(running)
        running.scale(0)
        for number in range(given.functions - 1):
            running.deploy_another(f"{NAME}-{number}", 0)
        more = memory(running) - one_memory
        print(
            f"{given.functions} functions idle: {running.sockets()} replicas (wanted 0), "
            f"{more:+.1f} MB against one (wanted at most +{MOST_MB})"
        )
        routing(running, 200)
        many = routing(running, given.times)
    print(f"a warm call: {one:.0f} us with one function, {many:.0f} us with {given.functions}")


if __name__ == "__main__":
    main()
