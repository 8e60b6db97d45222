"""From zero replicas to the first prediction, against a fresh interpreter with the base.

`python -m benchmarks.prediction.cold_start [--times 30] [--base-times 5]`

MAYFLY_GATEWAY_URL points it at a Mayfly that runs.
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

MOST = 80.0
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


def through_gateway(mayfly: Mayfly) -> float:
    """Milliseconds from a request to its answer while there is no replica."""
    sleep_function(mayfly)
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
    """Milliseconds from starting the base to its first answer."""
    began = time.perf_counter()
    with server.start(model) as address:
        server.first_answer(address, BODY)
        return (time.perf_counter() - began) * 1000


def tell(name: str, values: list[float]) -> float:
    """Print a summary; return the median."""
    middle = statistics.median(values)
    slow = statistics.quantiles(values, n=20)[-1]
    print(f"{name}: median {middle:.1f} ms, p95 {slow:.1f} ms, of {len(values)}")
    return middle


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=30)
    parser.add_argument("--base-times", type=int, default=5)
    options = parser.parse_args()
    with running() as mayfly, tempfile.TemporaryDirectory() as folder:
        ensure_model(mayfly)
        file = model_file(mayfly, Path(folder))
        through_gateway(mayfly)  # the first ever downloads the model
        ours = tell("Mayfly", [through_gateway(mayfly) for _ in range(options.times)])
        base = tell("base", [fresh_interpreter(file) for _ in range(options.base_times)])
    ratio = ours / base
    print(f"cold start: {ours:.1f} ms (wanted at most {MOST:.0f}), {ratio:.3f} x the base")


if __name__ == "__main__":
    main()
