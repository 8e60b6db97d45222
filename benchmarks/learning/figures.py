"""What the examples are to reach, over several splits: `python -m benchmarks.learning.figures`.

Each split is a job with another seed: other rows are held out, and the model that serves is
measured on them. Shown is the mean with the interval that it is in. It ends with 1 where a mean
falls short.
"""

import argparse
import csv
import functools
import io
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.learning.in_process import quietly
from benchmarks.learning.ranks import half_interval
from examples.cardiac_risk import patient
from functions.training.learning.candidates.algorithms import Choice
from tests.support.in_memory.whole_house import learn

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PATIENTS = 5_000
HOLDOUT = 0.2


@dataclass(frozen=True)
class Aim:
    """An example, and the least that its model is to reach on rows that it has not seen."""

    name: str
    target: str
    content: Callable[[], bytes]
    least: dict[str, float]
    asked: dict[str, Any] = field(default_factory=dict)


def _file(name: str) -> Callable[[], bytes]:
    return (EXAMPLES / f"{name}.csv").read_bytes


def _patients() -> bytes:
    dice = Random(0)
    rows = [patient(dice) for _ in range(PATIENTS)]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


AIMS = {
    one.name: one
    for one in (
        Aim("titanic", "survived", _file("titanic"), {"accuracy": 0.80, "roc_auc": 0.86}),
        Aim("heart", "heart_disease", _file("heart"), {"roc_auc": 0.90}),
        Aim(
            "cardiac-risk",
            "at_risk",
            _patients,
            {"accuracy": 0.99},
            {"candidates": [Choice("perceptron")]},
        ),
    )
}


def main() -> None:
    """Train on each example with several seeds, print what came of it, and judge it."""
    options = _options()
    began, right = time.monotonic(), True
    for name in options.names or AIMS:
        seeds = range(options.seed, options.seed + options.seeds)
        with ProcessPoolExecutor(options.workers, get_context("forkserver")) as pool:
            found = list(pool.map(functools.partial(measured, name), seeds))
        right &= _tell(AIMS[name], found)
    print(f"{time.monotonic() - began:.0f} s")
    sys.exit(0 if right else 1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.learning.figures", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*AIMS, []], help="all by default")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    return parser.parse_args()


def measured(name: str, seed: int) -> dict[str, float]:
    """Return the measures of the model of an example on the rows that a seed holds out."""
    quietly()
    aim = AIMS[name]
    asked = {"candidates": None, "holdout": HOLDOUT, "seed": seed, "folds": 5, **aim.asked}
    learnt = learn(aim.content(), aim.target, **asked)
    if learnt.registration is None:
        sys.exit(f"{name}: {learnt.refusal}")
    found: dict[str, float] = learnt.registration.metrics["holdout"]
    return found


def _tell(aim: Aim, found: Sequence[dict[str, float]]) -> bool:
    right = True
    for measure, least in aim.least.items():
        values = [one[measure] for one in found]
        mean, half = statistics.mean(values), half_interval(values, tested=HOLDOUT)
        right &= mean >= least
        print(
            f"{aim.name} {measure}: {mean:.4f} ({mean - half:.4f} to {mean + half:.4f}) over "
            f"{len(values)} splits, {min(values):.4f} to {max(values):.4f}; "
            f"{'at least' if mean >= least else 'SHORT OF'} {least}",
            flush=True,
        )
    return right


if __name__ == "__main__":
    main()
