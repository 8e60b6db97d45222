"""One-row predictions a second: through the gateway, against a bare FastAPI application.

`python -m benchmarks.prediction.throughput [--seconds 3] [--rounds 5]`

Both serve the same ONNX file to the same load generator, in turns. Mayfly also checks a key, a
schema and which version the champion is. MAYFLY_GATEWAY_URL points it at a Mayfly that runs.
"""

import argparse
import json
import statistics
import tempfile
from pathlib import Path

import uvloop

from benchmarks.gateway.load import run
from benchmarks.prediction.base import server
from benchmarks.prediction.stack import MODEL, RECORD, Mayfly, ensure_model, model_file, running

LEAST = 0.6
BODY = json.dumps({"records": [RECORD]}).encode()
Rates = dict[str, float]


def request(path: str, body: bytes, key: str = "") -> bytes:
    """Return the bytes of a request."""
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    head += f"Content-Length: {len(body)}\r\n"
    if key:
        head += f"Authorization: Bearer {key}\r\n"
    return head.encode() + b"\r\n" + body


def check(mayfly: Mayfly, base: str) -> None:
    """Make sure that both answer the same; it warms both, too."""
    path = f"prediction/models/{MODEL}/predict"
    ours = mayfly.call("POST", path, json={"records": [RECORD]}).json()["predictions"]
    theirs = server.first_answer(base, BODY).json()["predictions"]
    difference = abs(ours[0]["probability"] - theirs[0]["probability"])
    if ours[0]["label"] != theirs[0]["label"] or difference > 1e-6:
        raise SystemExit(f"the two answer differently: {ours} and {theirs}")


def way(mayfly: Mayfly) -> tuple[str, bytes]:
    """Return the address of the gateway, and the request that predicts one row."""
    path = f"/function/prediction/models/{MODEL}/predict"
    return mayfly.address, request(path, BODY, mayfly.key)


def alone(mayfly: Mayfly, options: argparse.Namespace) -> float:
    """Return Mayfly's predictions a second, after half a second that does not count."""
    address, asked = way(mayfly)
    uvloop.run(run(address, asked, options.connections, 0.5))
    found = uvloop.run(run(address, asked, options.connections, options.seconds))
    if found["errors"]:
        raise SystemExit(f"there were errors: {found}")
    return found["rate"]


def compare(mayfly: Mayfly, base: str, options: argparse.Namespace) -> list[float]:
    """Load both in turns; print each round, return the ratios."""
    ways = {"base": (base, request("/predict", BODY)), "mayfly": way(mayfly)}
    for address, asked in ways.values():
        uvloop.run(run(address, asked, options.connections, 0.5))
    ratios = []
    for number in range(options.rounds):
        found: dict[str, Rates] = {
            name: uvloop.run(run(address, asked, options.connections, options.seconds))
            for name, (address, asked) in ways.items()
        }
        if any(one["errors"] for one in found.values()):
            raise SystemExit(f"there were errors: {found}")
        ratios.append(found["mayfly"]["rate"] / found["base"]["rate"])
        told = ", ".join(
            f"{name} {one['rate']:.0f}/s (p50 {one['p50']:.2f} ms, p99 {one['p99']:.2f} ms)"
            for name, one in found.items()
        )
        print(f"round {number + 1}: {told}, ratio {ratios[-1]:.2f}", flush=True)
    return ratios


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0, help="of load, each side and round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--json", action="store_true", help="Mayfly's rate alone, as JSON")
    options = parser.parse_args()
    with running() as mayfly, tempfile.TemporaryDirectory() as folder:
        ensure_model(mayfly)
        if options.json:
            print(json.dumps({"rate": alone(mayfly, options)}))
            return
        with server.start(model_file(mayfly, Path(folder))) as base:
            check(mayfly, base)
            ratio = statistics.median(compare(mayfly, base, options))
    print(f"one-row predictions: {ratio:.2f} x FastAPI + onnxruntime (wanted at least {LEAST})")


if __name__ == "__main__":
    main()
