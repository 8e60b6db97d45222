"""A job beside a plain script that fits the same on two cores.

`python -m benchmarks.learning.wall`: both cross-validate the same candidates on as many folds, and
fit those on all training rows that the job's model is made of. The job also exports, proves,
evaluates and registers. Printed are both times, their ratio, and where the job's time went; it ends
with 1 where the ratio is above 1.2.
"""

import argparse
import csv
import datetime as dt
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.learning.calls import Calls
from benchmarks.stack import Stack, end_in_order, started
from functions.training.learning.candidates.algorithms import Choice, complete

MOST = 1.2
LONGEST = 1800.0  # seconds for the script
PLAIN = Path(__file__).with_name("plain.py")
CANDIDATES = [
    complete(one)
    for one in (
        Choice("lightgbm"),
        Choice("lightgbm", {"num_leaves": 15, "learning_rate": 0.05, "n_estimators": 200}),
        Choice("hist_gradient_boosting"),
        Choice("extra_trees"),
        Choice("random_forest", {"max_leaf_nodes": 256}),
        Choice("logistic_regression"),
        Choice("perceptron", {"max_iter": 20}),
    )
]
ASKED = [{"algorithm": one.algorithm, "settings": one.settings} for one in CANDIDATES]


def main() -> None:
    """Measure, print, and end with 1 where the job takes too long."""
    parser = argparse.ArgumentParser(prog="benchmarks.learning.wall", description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--folds", type=int, default=5)
    options = parser.parse_args()
    end_in_order()
    with tempfile.TemporaryDirectory(prefix="mayfly-benchmark-") as home:
        file = Path(home) / "table.csv"
        write(file, options.rows)
        job = _job(Path(home), file, options.folds)
        script = _script(file, options.folds, [one["candidate"] for one in job["members"]])
    _tell(job)
    ours = _seconds(job, "created_at", "ended_at")
    print(
        f"the job {ours:.1f} s, the script {script:.1f} s: {ours / script:.2f} times "
        f"(wanted at most {MOST:g})"
    )
    sys.exit(0 if ours <= MOST * script else 1)


def write(file: Path, rows: int) -> None:
    """Write a table of two classes: eight numbers and two columns of words."""
    dice = np.random.default_rng(0)
    numbers = dice.normal(size=(rows, 8)).round(4)
    words = np.stack([dice.integers(0, count, rows) for count in (5, 20)], axis=1)
    signal = numbers[:, 0] * numbers[:, 1] + numbers[:, 2] + words[:, 0] / 3 + words[:, 1] % 3
    yes = signal + dice.normal(size=rows) > 2
    with file.open("w", newline="") as held:
        writer = csv.writer(held)
        writer.writerow([*(f"n{place}" for place in range(8)), "w0", "w1", "y"])
        for some, told, one in zip(numbers.tolist(), words, yes, strict=True):
            texts = [f"word {code}" for code in told]
            writer.writerow([*some, *texts, "yes" if one else "no"])


def _job(home: Path, file: Path, folds: int) -> dict[str, Any]:
    """Run the job in a Mayfly of its own, whose replicas are warm."""
    with started(Stack(home / "stack")) as stack, stack.client() as client:
        calls = Calls(client)
        calls.upload("table", file.read_bytes())
        asked = {"dataset": "table", "target": "y", "folds": folds, "candidates": ASKED}
        calls.until_trained(calls.begin(**{**asked, "candidates": ASKED[:2], "folds": 2}))
        return calls.until_trained(calls.begin(**asked))


def _script(file: Path, folds: int, members: list[int]) -> float:
    asked = {"candidates": ASKED, "folds": folds, "members": members}
    done = subprocess.run(
        [sys.executable, str(PLAIN), str(file), json.dumps(asked)],
        check=False,
        capture_output=True,
        text=True,
        timeout=LONGEST,
    )
    if done.returncode:
        sys.exit(f"the script fails:\n{done.stderr[-2000:]}")
    seconds: float = json.loads(done.stdout.splitlines()[-1])["seconds"]
    return seconds


def _seconds(job: dict[str, Any], begin: str, end: str) -> float:
    first, last = (dt.datetime.fromisoformat(job[one]) for one in (begin, end))
    return (last - first).total_seconds()


def _tell(job: dict[str, Any]) -> None:
    """Say where the job's time went."""
    for one in job["candidates"]:
        print(f"{one['algorithm']:>24} {one['seconds']:6.1f} s")
    fitted = sum(one["seconds"] for one in job["candidates"])
    print(
        f"until the first candidate {_seconds(job, 'created_at', 'started_at'):.1f} s, "
        f"fits {fitted:.1f} s (two at a time), members {len(job['members'])}"
    )


if __name__ == "__main__":
    main()
