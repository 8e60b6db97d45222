"""From no request to 300 a second on a function of 20 ms that has no replica.

``python -m benchmarks.gateway.load_step``: no error is wanted, and a p95 of at most twice the
unloaded time five seconds later.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.gateway.harness import NAME, gateway
from benchmarks.gateway.rolling_update import put
from benchmarks.stack import ROOT

CODE = "import time\n\n\ndef handle(request):\n    time.sleep(0.02)\n    return 'done'\n"
WITHIN = 5  # seconds


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=300)
    parser.add_argument("--seconds", type=float, default=8)
    given = parser.parse_args()
    preload = "functions_framework,granian._granian,granian.wsgi"
    with gateway(preload) as running, tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "main.py").write_text(CODE)
        put(running, Path(folder), "one")
        unloaded = []
        for _ in range(30):
            began = time.perf_counter()
            assert running.ask("GET", f"/function/{NAME}/")[0] == 200
            unloaded.append((time.perf_counter() - began) * 1000)
        running.scale(0)
        command = [sys.executable, "-m", "benchmarks.gateway.open_loop", "--rate", str(given.rate)]
        command += ["--seconds", str(given.seconds), "--path", f"/function/{NAME}/"]
        command += ["--to", f"127.0.0.1:{running.port}"]
        result = json.loads(subprocess.check_output(command, cwd=ROOT))
    usual = sorted(unloaded)[len(unloaded) // 2]
    seconds = result["p95_by_second"]
    settled = next((s for s, p95 in enumerate(seconds) if p95 <= 2 * usual), None)
    print(
        f"0 to {given.rate:g}/s: {result['statuses']} (wanted: 200 alone); "
        f"unloaded {usual:.1f} ms, p95 by second {seconds}; "
        f"within twice the unloaded time in second {settled} (wanted: by {WITHIN})"
    )


if __name__ == "__main__":
    main()
