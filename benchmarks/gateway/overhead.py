"""What the gateway adds to a call at a steady 1,000 requests a second.

``python -m benchmarks.gateway.overhead [--rate 1000] [--seconds 4] [--rounds 3]``: at most 1 ms
more at the 99th percentile than the same replica called directly is wanted.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from statistics import median

from benchmarks.gateway.harness import NAME, Running, measured
from benchmarks.stack import ROOT

MOST_MS = 1.0
WAYS = ("direct", "gateway")


def paced(to: str, path: str, rate: float, seconds: float) -> dict[str, float]:
    """Run the load generator as a process of its own."""
    command = [sys.executable, "-m", "benchmarks.gateway.open_loop", "--to", to, "--path", path]
    command += ["--rate", str(rate), "--seconds", str(seconds)]
    result = json.loads(subprocess.check_output(command, cwd=ROOT))
    assert set(result["statuses"]) == {"200"}, result
    settled: dict[str, float] = result["settled"]
    return settled


def both(
    running: Running, rate: float, seconds: float, rounds: int
) -> Iterator[dict[str, dict[str, float]]]:
    """Load the replica in turns directly and through the gateway; yield each round's times."""
    replica, address = str(running.fresh()), f"127.0.0.1:{running.port}"
    for _ in range(rounds):
        direct = paced(replica, "/", rate, seconds)
        yield {"direct": direct, "gateway": paced(address, f"/function/{NAME}/", rate, seconds)}


def main() -> None:
    """Read the command line, measure, print the median of the rounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=1000)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="the medians of the rounds, as JSON")
    given = parser.parse_args()
    with measured("functions_framework,granian._granian,granian.wsgi") as running:
        rounds = [*both(running, given.rate, given.seconds, given.rounds)]
    if given.json:
        print(json.dumps({name: median([one[name]["p99"] for one in rounds]) for name in WAYS}))
        return
    for ways in rounds:
        told = (
            f"{name} p50 {ways[name]['p50']:.2f} p99 {ways[name]['p99']:.2f} ms" for name in WAYS
        )
        print(", ".join(told))
    middle = median([ways["gateway"]["p99"] - ways["direct"]["p99"] for ways in rounds])
    print(f"added at {given.rate:g}/s: {middle:.2f} ms at the 99th percentile (wanted {MOST_MS})")


if __name__ == "__main__":
    main()
