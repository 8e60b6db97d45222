"""From zero replicas to the first prediction, against a fresh interpreter with the base.

`python -m benchmarks.prediction.cold_start [--times 50] [--base-times 9] [--pause 0.2]`

Both are measured in turns. Each of our starts comes after a pause, as cold starts do; with
`--pause 0` it comes as soon as the last replica is gone. MAYFLY_GATEWAY_URL points it at a Mayfly
that runs.
"""

import argparse
import http.client
import json
import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.prediction.base import server
from benchmarks.prediction.stack import MODEL, RECORD, Mayfly, ensure_model, model_file, running

MOST, MOST_P95, LEAST_TIMES = 35.0, 60.0, 8.0
BODY = json.dumps({"records": [RECORD]}).encode()
LONGEST = 30.0


def sleep_function(mayfly: Mayfly) -> None:
    """Scale `prediction` to zero, and wait until no replica is left."""
    body = {"service": "prediction", "replicas": 0}
    mayfly.system("POST", "scale-function/prediction", json=body)
    deadline = time.monotonic() + LONGEST
    while mayfly.system("GET", "function/prediction").json()["replicas"]:
        if time.monotonic() > deadline:
            raise SystemExit("prediction did not scale to zero")
        time.sleep(0.02)


def through_gateway(mayfly: Mayfly, pause: float = 0.0) -> float:
    """Return the milliseconds of a call while there is no replica, after a pause in seconds."""
    sleep_function(mayfly)
    time.sleep(pause)
    headers = {"Authorization": f"Bearer {mayfly.key}", "Content-Type": "application/json"}
    connection = http.client.HTTPConnection(mayfly.address, timeout=60)
    began = time.perf_counter()
    connection.request("POST", f"/function/prediction/models/{MODEL}/predict", BODY, headers)
    answer = connection.getresponse()
    text = answer.read()
    took = (time.perf_counter() - began) * 1000
    connection.close()
    if answer.status != 200:
        raise SystemExit(f"{answer.status} {text.decode()}")
    return took


def fresh_interpreter(model: Path) -> float:
    """Return the milliseconds from starting the base to its first answer."""
    began = time.perf_counter()
    with server.start(model) as address:
        server.first_answer(address, BODY)
        return (time.perf_counter() - began) * 1000


def tell(name: str, values: list[float]) -> tuple[float, float]:
    """Print a summary; return the median and the 95th percentile."""
    middle = statistics.median(values)
    slow = statistics.quantiles(values, n=20, method="inclusive")[-1]
    print(f"{name}: median {middle:.1f} ms, p95 {slow:.1f} ms, of {len(values)}")
    return middle, slow


def measure(mayfly: Mayfly, model: Path, options: argparse.Namespace) -> tuple[list[float], ...]:
    """Return the milliseconds of our starts and of the base's, spread evenly among ours."""
    ours: list[float] = []
    base: list[float] = []
    for number in range(options.times):
        if len(base) * options.times <= number * options.base_times:
            base.append(fresh_interpreter(model))
        ours.append(through_gateway(mayfly, options.pause))
    return ours, base


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--base-times", type=int, default=9)
    parser.add_argument("--pause", type=float, default=0.2, help="seconds before each start")
    parser.add_argument("--json", action="store_true", help="Mayfly's median alone, as JSON")
    options = parser.parse_args()
    with running() as mayfly, tempfile.TemporaryDirectory() as folder:
        ensure_model(mayfly)
        through_gateway(mayfly, options.pause)  # the first ever downloads the model
        if options.json:
            starts = [through_gateway(mayfly, options.pause) for _ in range(options.times)]
            print(json.dumps({"median": statistics.median(starts)}))
            return
        file = model_file(mayfly, Path(folder))
        measured = measure(mayfly, file, options)
    ours, slow = tell("Mayfly", measured[0])
    base, _ = tell("base", measured[1])
    print(f"median: {ours:.1f} ms (wanted at most {MOST:.0f})")
    print(f"p95:    {slow:.1f} ms (wanted at most {MOST_P95:.0f})")
    print(f"ratio:  {base / ours:.1f} times faster than the base (wanted {LEAST_TIMES:.0f})")


if __name__ == "__main__":
    main()
