"""Requests per second through the gateway against the same replica called directly.

``python -m benchmarks.gateway.throughput [--seconds 3] [--rounds 3] [--threads N]
[--connections 8 64] [--vary]``: with it, what a call costs the gateway's process, in microseconds
of processor time (which tells more than rates do on a machine that does other things besides).
With MAYFLY_GATEWAY_URL and MAYFLY_HOME, ``--json`` measures the gateway of a Mayfly that runs.
"""

import argparse
import json
import subprocess
import sys
from statistics import median

from benchmarks.gateway.harness import NAME, Running, measured
from benchmarks.stack import ROOT

TARGET = 0.8
MOST_US = 21.5  # half of what it was


def load(
    to: str, path: str, seconds: float, connections: int, body: str, *more: str
) -> dict[str, float]:
    """Run the load generator as a process of its own."""
    command = [sys.executable, "-m", "benchmarks.gateway.load", "--to", to, "--path", path]
    command += ["--seconds", str(seconds), "--connections", str(connections), "--body", body]
    command += more
    result: dict[str, float] = json.loads(subprocess.check_output(command, cwd=ROOT))
    assert result["errors"] == 0, result
    return result


def load_through(
    running: Running, seconds: float, connections: int, body: str, *more: str
) -> dict[str, float]:
    """Load the function through the gateway."""
    to, path = f"127.0.0.1:{running.port}", f"/function/{NAME}/"
    return load(to, path, seconds, connections, body, *more)


def alone(running: Running, seconds: float, connections: int, body: str) -> None:
    """Print requests a second through the gateway, as JSON."""
    running.fresh()
    load_through(running, 0.5, connections, body)
    print(json.dumps({"rate": load_through(running, seconds, connections, body)["rate"]}))


def compare(running: Running, given: argparse.Namespace, connections: int) -> tuple[float, float]:
    """Alternate between both ways and print a line for each round.

    Returns:
        The medians of the ratios, and of the microseconds that a call costs the gateway.
    """
    replica, ratios, costs = str(running.fresh()), list[float](), list[float]()
    more = ("--vary",) if given.vary else ()
    for number in range(given.rounds):
        direct = load(replica, "/", given.seconds, connections, given.body, *more)
        before = running.processor_seconds()
        through = load_through(running, given.seconds, connections, given.body, *more)
        costs.append((running.processor_seconds() - before) / through["requests"] * 1e6)
        ratios.append(through["rate"] / direct["rate"])
        print(
            f"{connections} connections, round {number + 1}: "
            f"direct {direct['rate']:.0f}/s (p99 {direct['p99']:.2f} ms), "
            f"gateway {through['rate']:.0f}/s (p99 {through['p99']:.2f} ms), "
            f"ratio {ratios[-1]:.2f}, {costs[-1]:.1f} us of processor time a call",
            flush=True,
        )
    return median(ratios), median(costs)


def main() -> None:
    """Read the command line, measure, print the ratio against its target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, nargs="+", default=[8, 64])
    parser.add_argument("--vary", action="store_true", help="no two requests have the same head")
    parser.add_argument("--body", default='{"records":[{"age":29,"sex":"female","class":1}]}')
    parser.add_argument(
        "--threads", type=int, help="threads of the replica (the base is fastest at 1)"
    )
    parser.add_argument("--json", action="store_true", help="the gateway's rate alone, as JSON")
    given = parser.parse_args()
    with measured("functions_framework,granian._granian,granian.wsgi", given.threads) as running:
        if given.json:
            alone(running, given.seconds, given.connections[0], given.body)
            return
        found = {number: compare(running, given, number) for number in given.connections}
    for connections, (ratio, cost) in found.items():
        print(
            f"through the gateway, {connections} connections: {ratio:.2f} x the replica direct "
            f"(wanted {TARGET}), {cost:.1f} us of the gateway's processor time a call "
            f"(wanted {MOST_US:g})"
        )


if __name__ == "__main__":
    main()
