"""From zero replicas to the first 200, against a fresh interpreter with the same app.

``python -m benchmarks.gateway.cold_start [--times 50]``
"""

import argparse
import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time

from benchmarks.gateway.harness import FIXTURE, NAME, Running, gateway
from benchmarks.stack import free_ports


def through_gateway(running: Running) -> float:
    """Return the milliseconds from a request to its answer while the function has no replica."""
    running.scale(0)
    began = time.perf_counter()
    status, answer = running.ask("GET", f"/function/{NAME}/")
    assert status == 200, answer
    return (time.perf_counter() - began) * 1000


def fresh_interpreter() -> float:
    """Return the milliseconds from a start of functions-framework's own server to its answer."""
    (port,) = free_ports(1)
    main = str(FIXTURE / "main.py")
    options = ["--target", "handle", "--source", main, "--host", "127.0.0.1"]
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "functions_framework", *options, "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while True:
            with contextlib.suppress(OSError):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                connection.request("GET", "/")
                assert connection.getresponse().read()
                return (time.perf_counter() - began) * 1000
            assert process.poll() is None, "the interpreter ended"
            time.sleep(0.001)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def at(values: list[float], part: float) -> float:
    """Return the value below which ``part`` of the values lie."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)]


def main() -> None:
    """Read the command line, measure, print both and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--fresh-times", type=int, default=5)
    given = parser.parse_args()
    with gateway() as running:
        running.deploy()
        running.ask("GET", f"/function/{NAME}/")
        cold = [through_gateway(running) for _ in range(given.times)]
    fresh = [fresh_interpreter() for _ in range(given.fresh_times)]
    base = at(fresh, 0.5)
    figures = f"median {at(cold, 0.5):.1f} ms, p95 {at(cold, 0.95):.1f} ms"
    print(f"cold start through the gateway: {figures}")
    print(f"fresh interpreter, same app:    median {base:.1f} ms")
    print(f"ratio: {base / at(cold, 0.5):.1f} times faster")


if __name__ == "__main__":
    main()
