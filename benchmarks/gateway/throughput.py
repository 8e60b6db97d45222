"""Requests per second through the gateway against the same replica called directly.

``python -m benchmarks.gateway.throughput [--seconds 3] [--rounds 3] [--threads N]``. With
MAYFLY_GATEWAY_URL and MAYFLY_HOME it measures the gateway of a Mayfly that runs.
"""

import argparse
import json
import subprocess
import sys

from benchmarks.gateway.harness import NAME, Running, measured
from benchmarks.stack import ROOT

TARGET = 0.8


def load(to: str, path: str, seconds: float, connections: int, body: str) -> dict[str, float]:
    """Run the load generator as a process of its own."""
    command = [sys.executable, "-m", "benchmarks.gateway.load", "--to", to, "--path", path]
    command += ["--seconds", str(seconds), "--connections", str(connections), "--body", body]
    result: dict[str, float] = json.loads(subprocess.check_output(command, cwd=ROOT))
    assert result["errors"] == 0, result
    return result


def load_through(running: Running, seconds: float, connections: int, body: str) -> dict[str, float]:
    """Load the function through the gateway."""
    return load(f"127.0.0.1:{running.port}", f"/function/{NAME}/", seconds, connections, body)


def alone(running: Running, seconds: float, connections: int, body: str) -> None:
    """Print requests a second through the gateway, as JSON."""
    running.fresh()
    load_through(running, 0.5, connections, body)
    print(json.dumps({"rate": load_through(running, seconds, connections, body)["rate"]}))


def compare(running: Running, seconds: float, rounds: int, connections: int, body: str) -> float:
    """Alternate between both ways and print a line for each round; return the median ratio."""
    replica = str(running.fresh())
    ratios = []
    for number in range(rounds):
        direct = load(replica, "/", seconds, connections, body)
        through = load_through(running, seconds, connections, body)
        ratios.append(through["rate"] / direct["rate"])
        print(
            f"round {number + 1}: direct {direct['rate']:.0f}/s (p99 {direct['p99']:.2f} ms), "
            f"gateway {through['rate']:.0f}/s (p99 {through['p99']:.2f} ms), "
            f"ratio {ratios[-1]:.2f}"
        )
    return sorted(ratios)[len(ratios) // 2]


def main() -> None:
    """Read the command line, measure, print the ratio against its target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--body", default='{"records":[{"age":29,"sex":"female","class":1}]}')
    parser.add_argument(
        "--threads", type=int, help="threads of the replica (the base is fastest at 1)"
    )
    parser.add_argument("--json", action="store_true", help="the gateway's rate alone, as JSON")
    given = parser.parse_args()
    with measured("functions_framework,granian._granian,granian.wsgi", given.threads) as running:
        if given.json:
            alone(running, given.seconds, given.connections, given.body)
            return
        ratio = compare(running, given.seconds, given.rounds, given.connections, given.body)
    print(f"throughput through the gateway: {ratio:.2f} x the replica direct (wanted {TARGET})")


if __name__ == "__main__":
    main()
