"""From zero replicas to the first 200 of functions of one's own whose imports take long.

``python -m benchmarks.gateway.own_cold_start [--times 20] [--busy 2]``: pandas with scikit-learn,
and sympy; with a warm parent of their own, without one (`GATEWAY_WARM_PARENTS_MB=0`), and a
function that imports next to nothing in the same gateway. At most 60 ms are wanted. `--busy` has so
many processes compute all the while.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks import environments
from benchmarks.gateway.cold_start import at
from benchmarks.gateway.harness import FIXTURE, Running, gateway
from emulators.gateway.settings import DEFAULT_PRELOAD

OWN = Path(__file__).parent / "own"
FUNCTIONS = {"tables": OWN / "tables", "algebra": OWN / "algebra", "fixture": FIXTURE}
WANTED_MS = 60
_BUSY = "while True: pass"


def packages() -> Path:
    """Return a folder with what the functions import and Mayfly does not, made where it is not."""
    pins = OWN / "packages.txt"
    folder = environments.cache() / "own-functions"
    stamp = folder / "pins.txt"
    if not stamp.exists() or stamp.read_text() != pins.read_text():
        install = [sys.executable, "-m", "pip", "install", "-qq", "--no-deps", "--upgrade"]
        subprocess.run([*install, "--target", str(folder), "-r", str(pins)], check=True)
        stamp.write_text(pins.read_text())
    return folder


def status(running: Running, name: str) -> dict[str, object]:
    """Return what OpenFaaS's API tells of a function."""
    return dict(json.loads(running.ask("GET", f"/system/function/{name}")[1]))


def cold_call(running: Running, name: str) -> float:
    """Return the milliseconds from a request to its answer while the function has no replica."""
    running.ask("POST", f"/system/scale-function/{name}", {"replicas": 0})
    running.wait_for(lambda: not status(running, name)["availableReplicas"])
    running.wait_for(lambda: not running.sockets())
    began = time.perf_counter()
    code, answer = running.ask("GET", f"/function/{name}/")
    assert code == 200, answer
    return (time.perf_counter() - began) * 1000


def await_warm_parent(running: Running, name: str) -> None:
    """Wait until a function has one; fail where something is against it."""

    def told() -> bool:
        said = str(status(running, name).get("warmParent", ""))
        assert not said or said.startswith(("yes", "after")), said
        return said.startswith("yes")

    running.wait_for(told, 120)


def measure(times: int, megabytes: int) -> None:
    """Measure each function in a gateway of its own kind, and print."""
    os.environ["GATEWAY_WARM_PARENTS_MB"] = str(megabytes)
    with gateway(DEFAULT_PRELOAD) as running:  # as it starts alone
        for name, folder in FUNCTIONS.items():
            running.deploy_another(name, 0, folder)
            cold_call(running, name)  # compiles what is imported
            cold_call(running, name)
            wanted = megabytes and name != "fixture"
            if wanted:
                await_warm_parent(running, name)
            taken = [cold_call(running, name) for _ in range(times)]
            running.ask("POST", f"/system/scale-function/{name}", {"replicas": 0})
            print(
                f"{name:8} {status(running, name).get('warmParent', 'no warm parent'):20} median "
                f"{at(taken, 0.5):7.1f} ms, p95 {at(taken, 0.95):7.1f} ms"
                + (f" (wanted {WANTED_MS})" if wanted else "")
            )


@contextlib.contextmanager
def busy(number: int) -> Iterator[None]:
    """Have so many processes compute."""
    processes = [subprocess.Popen([sys.executable, "-c", _BUSY]) for _ in range(number)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--busy", type=int, default=0)
    given = parser.parse_args()
    os.environ["PYTHONPATH"] = os.pathsep.join(
        filter(None, (str(packages()), os.environ.get("PYTHONPATH", "")))
    )
    with busy(given.busy):
        for megabytes in (512, 0):
            measure(given.times, megabytes)


if __name__ == "__main__":
    main()
