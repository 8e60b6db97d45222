"""What the gateway adds to a call at a steady 500 requests a second.

``python -m benchmarks.gateway.added [--rate 500] [--seconds 4] [--rounds 3]``: at most 2 ms more at
the 99th percentile than the same replica called directly are wanted.
"""

import argparse
import json
import subprocess
import sys

from benchmarks.gateway.harness import NAME, ROOT, gateway

MOST_MS = 2.0


def paced(to: str, path: str, rate: float, seconds: float) -> dict[str, float]:
    """Runs the load generator as a process of its own."""
    command = [sys.executable, "-m", "benchmarks.gateway.paced", "--to", to, "--path", path]
    command += ["--rate", str(rate), "--seconds", str(seconds)]
    result = json.loads(subprocess.check_output(command, cwd=ROOT))
    assert set(result["statuses"]) == {"200"}, result
    settled: dict[str, float] = result["settled"]
    return settled


def main() -> None:
    """Reads the command line, measures, prints the median of the rounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=500)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    added = []
    with gateway("functions_framework,granian._granian,granian.wsgi") as running:
        running.deploy()
        running.ask("GET", f"/function/{NAME}/")
        address = f"127.0.0.1:{running.port}"
        for _ in range(given.rounds):
            direct = paced(str(running.socket_paths()[0]), "/", given.rate, given.seconds)
            through = paced(address, f"/function/{NAME}/", given.rate, given.seconds)
            added.append(through["p99"] - direct["p99"])
            print(
                f"direct p50 {direct['p50']:.2f} p99 {direct['p99']:.2f} ms, "
                f"gateway p50 {through['p50']:.2f} p99 {through['p99']:.2f} ms"
            )
    middle = sorted(added)[len(added) // 2]
    print(f"added at {given.rate:g}/s: {middle:.2f} ms at the 99th percentile (wanted {MOST_MS})")


if __name__ == "__main__":
    main()
