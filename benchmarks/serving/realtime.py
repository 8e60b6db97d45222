"""One row a message over one WebSocket, beside the same calls by HTTP on one kept connection.

`python -m benchmarks.serving.realtime [--seconds 3] [--rounds 5]`

HTTP goes to the gateway itself, and asks when the answer before is there; a WebSocket goes by the
pages' container, which adds its part, and may ask many at once.
"""

import argparse
import statistics

import uvloop

from benchmarks.gateway import load
from benchmarks.prediction.accounts import counted
from benchmarks.prediction.stack import RECORD, Mayfly, ensure_model
from benchmarks.prediction.throughput import BODY
from benchmarks.serving import talk
from benchmarks.serving.loads import post
from benchmarks.stack import end_in_order, own_stack

AT_ONCE = (1, 16)
Found = dict[str, float]


def by_http(address: str, key: str, seconds: float) -> Found:
    """Ask one after the other on one connection."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
    request = post("/function/prediction/models/titanic/predict", BODY, headers)
    return uvloop.run(load.run(address, request, 1, seconds))


def line(name: str, rounds: list[Found]) -> str:
    """Return the medians of some rounds; errors are added up."""
    rate, p50, p99 = (
        statistics.median(one[which] for one in rounds) for which in ("rate", "p50", "p99")
    )
    errors = sum(int(one["errors"]) for one in rounds)
    return f"{name:28}{rate:8,.0f}/s  p50 {p50:6.2f} ms  p99 {p99:7.2f} ms  errors {errors}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=3.0, help="of load, each way and round")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    end_in_order()
    with own_stack() as stack:
        mayfly = Mayfly(stack.gateway_url, stack.key, stack.password)
        ensure_model(mayfly)
        key = counted(mayfly).key
        found: dict[str, list[Found]] = {}
        for _ in range(options.rounds):
            http = by_http(mayfly.address, key, options.seconds)
            found.setdefault("HTTP, one connection", []).append(http)
            for number in AT_ONCE:
                told = talk.run(stack.address("WEB"), key, RECORD, number, options.seconds)
                found.setdefault(f"WebSocket, {number:2} at once", []).append(uvloop.run(told))
    for name, rounds in found.items():
        print(line(name, rounds))


if __name__ == "__main__":
    main()
