"""From a container's start to its first answer, against functions-framework's own server.

`python -m benchmarks.containers.start [--times 15] [--functions prediction,datasets,...]`

The base is a function that says "ok", in an image of ours, served as functions-framework serves by
itself (its command line, gunicorn): what anybody's function needs at least. All are measured in
turns. The clock runs from the moment that the engine says it started the container's process, so
that what an engine or a platform takes to make a container does not count. It needs a Docker
engine; images are built where the layers are not there yet (PYTHON_IMAGE names the base image).
"""

import argparse
import contextlib
import datetime as dt
import http.client
import json
import os
import statistics
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
FUNCTIONS = ("accounts", "datasets", "models", "monitoring", "prediction", "training")
BASE = "functions-framework, a function that says ok"
HELLO = """echo 'handle = lambda request: "ok"' > /tmp/main.py
exec functions-framework --source /tmp/main.py --target handle"""
MOST_MS = 200.0
LONGEST = 30.0
PORT = 8080
ENVIRONMENT = {"MAYFLY_STEP_SECRET": "measured", "FIRESTORE_EMULATOR_HOST": "127.0.0.1:1"}


def docker(*arguments: str) -> str:
    """Run the engine's client; return what it says."""
    command = ["docker", *arguments]
    ended = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    if ended.returncode:
        raise SystemExit(f"{' '.join(command)}: {ended.stderr.strip()}")
    return ended.stdout.strip()


def build(function: str) -> str:
    """Build a function's image where its layers are not there yet; return its id."""
    base = os.environ.get("PYTHON_IMAGE", "python:3.11-slim")
    arguments = ["--build-arg", f"PYTHON_IMAGE={base}", "--build-arg", f"FUNCTION={function}"]
    return docker("build", "-q", "-f", "functions/Dockerfile", *arguments, ".")


@contextlib.contextmanager
def container(*arguments: str) -> Iterator[str]:
    """Give the id of a container that does not run yet; remove it in the end."""
    made = docker("create", *arguments)
    try:
        yield made
    finally:
        docker("rm", "-f", made)


def first_answer(*arguments: str) -> float:
    """Return the milliseconds from a container's start to its first answer."""
    with container(*arguments) as name:
        docker("start", name)
        [found] = json.loads(docker("inspect", name))
        started = dt.datetime.fromisoformat(found["State"]["StartedAt"][:26] + "+00:00")
        address = found["NetworkSettings"]["IPAddress"]
        deadline = time.monotonic() + LONGEST
        while not answers(address):
            if time.monotonic() > deadline:
                raise SystemExit(f"no answer within {LONGEST:g} s:\n{docker('logs', name)}")
            time.sleep(0.001)
        return (time.time() - started.timestamp()) * 1000


def answers(address: str) -> bool:
    """Tell whether the function at an address answers."""
    connection = http.client.HTTPConnection(address, PORT, timeout=LONGEST)
    with contextlib.suppress(OSError), contextlib.closing(connection):
        connection.request("GET", "/_/health")
        return connection.getresponse().status == 200
    return False


def commands(functions: list[str]) -> dict[str, list[str]]:
    """Return what starts each of those measured, by its name."""
    images = {function: build(function) for function in functions}
    variables = [f"--env={name}={value}" for name, value in ENVIRONMENT.items()]
    found = {function: [*variables, image] for function, image in images.items()}
    found[BASE] = ["--entrypoint=sh", images[functions[0]], "-c", HELLO]
    return found


def measure(wanted: dict[str, list[str]], times: int) -> dict[str, list[float]]:
    """Return the milliseconds of each, one after the other, so many times."""
    took: dict[str, list[float]] = {name: [] for name in wanted}
    for _ in range(times):
        for name, arguments in wanted.items():
            took[name].append(first_answer(*arguments))
    return took


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=15)
    parser.add_argument("--functions", default=",".join(FUNCTIONS))
    options = parser.parse_args()
    wanted = commands(options.functions.split(","))
    middles = {
        name: statistics.median(took) for name, took in measure(wanted, options.times).items()
    }
    base = middles.pop(BASE)
    print(f"{BASE}: median {base:.0f} ms")
    for name, middle in middles.items():
        size = int(docker("image", "inspect", "-f", "{{.Size}}", wanted[name][-1])) / 1e6
        print(f"{name}: median {middle:.0f} ms, {base / middle:.2f} x as fast; image {size:.0f} MB")
    slow = [name for name, middle in middles.items() if middle > MOST_MS]
    print(f"target {MOST_MS:g} ms: " + (f"missed by {', '.join(slow)}" if slow else "met by all"))


if __name__ == "__main__":
    main()
