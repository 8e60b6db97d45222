"""What keys, quotas and activity cost predictions: with them, against without them.

`python -m benchmarks.prediction.accounts [--pairs 10] [--seconds 3]`

Two Mayflys of one's own serve the same model. One is called with a stored key, whose account has a
plan with a bound, and tells of its activity; the other with the system's first key, which nobody
counts, and `MAYFLY_ACTIVITY=off`. They are loaded in turns, and the ratio of each pair counts.
"""

import argparse
import contextlib
import math
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.prediction.stack import Mayfly, ensure_model
from benchmarks.prediction.throughput import alone
from benchmarks.stack import ROOT, Stack, started

ENV_FILE = ROOT / "infra" / "openfaas" / "env.yaml"
LEAST = 0.95
MANY = 1_000_000_000
"""Predictions a minute: a bound that is counted and not met."""
PLAN = "counted"


@contextlib.contextmanager
def with_model(home: Path, **extra: str) -> Iterator[Mayfly]:
    """Give a Mayfly of one's own that has the model."""
    home.mkdir()
    with started(Stack(home, extra=extra)) as stack:
        mayfly = Mayfly(stack.gateway_url, stack.key, stack.password)
        ensure_model(mayfly)
        yield mayfly


def without_activity(folder: Path) -> Path:
    """Return a file of what functions read, in which activity is off."""
    file = folder / "env.yaml"
    file.write_text(f'{ENV_FILE.read_text()}  MAYFLY_ACTIVITY: "off"\n')
    return file


def counted(mayfly: Mayfly) -> Mayfly:
    """Return a Mayfly whose key is stored, and whose account has a plan with a bound."""
    bounds = {"predictions_per_minute": MANY}
    mayfly.call("PUT", f"accounts/plans/{PLAN}", json=bounds)
    account = {"email": "load@example.com", "name": "load", "plan": PLAN}
    account |= {"workspace": "main", "role": "editor"}
    made = mayfly.call("POST", "accounts/accounts", json=account).json()
    wanted = {"name": "load", "scopes": ["predict"], "account": made["id"]}
    key = mayfly.call("POST", "accounts/keys", json=wanted).json()["key"]
    return Mayfly(mayfly.url, key, mayfly.password)


def compare(on: Mayfly, off: Mayfly, options: argparse.Namespace) -> list[float]:
    """Load both in turns, each first every other time; print each pair, return the ratios."""
    ratios = []
    for number in range(options.pairs):
        order = (("on", on), ("off", off))
        rates = {name: alone(one, options) for name, one in order[:: -1 if number % 2 else 1]}
        ratios.append(rates["on"] / rates["off"])
        told = ", ".join(f"{name} {rates[name]:.0f}/s" for name in ("on", "off"))
        print(f"pair {number + 1}: {told}, ratio {ratios[-1]:.3f}", flush=True)
    return ratios


def interval(ratios: list[float]) -> tuple[float, float, float]:
    """Return the geometric mean, and where it lies with 95 % (two standard errors each way)."""
    logs = [math.log(ratio) for ratio in ratios]
    middle, error = statistics.mean(logs), statistics.stdev(logs) / math.sqrt(len(logs))
    return math.exp(middle), math.exp(middle - 2 * error), math.exp(middle + 2 * error)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=10, help="two at least")
    parser.add_argument("--seconds", type=float, default=3.0, help="of load, each side and pair")
    parser.add_argument("--connections", type=int, default=8)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mayfly-benchmark-") as name:
        folder = Path(name)
        quiet = {"MAYFLY_ENV_FILE": str(without_activity(folder))}
        with with_model(folder / "on") as on, with_model(folder / "off", **quiet) as off:
            ratio, low, high = interval(compare(counted(on), off, options))
    print(
        f"with accounts: {ratio:.3f} of the rate without ({low:.3f} to {high:.3f}; wanted {LEAST})"
    )


if __name__ == "__main__":
    main()
