"""How much memory a job takes, step by step: `python -m benchmarks.learning.memory`.

A table is written to a file, and a process of its own runs a job over it, as a replica does, with
documents in memory and objects in a folder. Printed are the peaks of that process, in MB: the base
is what it takes with everything imported. It ends with 1 where a peak is above the budget.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.learning import memory_job

MB = 1 << 20
LONGEST = 3600.0  # seconds for the whole job
LEVELS = (5, 20, 150)


def main() -> None:
    """Measure, print, and end with 1 where more was taken than there is."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="mayfly-benchmark-") as home:
        folder = Path(home)
        write(folder / memory_job.TABLE, options.rows, options.columns)
        size = (folder / memory_job.TABLE).stat().st_size
        print(f"{options.rows:,} rows, {options.columns} columns, {size / MB:.0f} MB of Parquet")
        peaks = run(folder, options)
    whole = max(peaks.values())
    print(f"peak {whole:.0f} MB, base {peaks['base']:.0f} MB, wanted at most {options.budget} MB")
    sys.exit(0 if whole <= options.budget else 1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.learning.memory", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=12)
    parser.add_argument("--budget", type=int, default=800, help="MB of memory for a replica")
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument(
        "--candidates",
        default="lightgbm,hist_gradient_boosting,logistic_regression",
        help="algorithms, at their defaults; or in JSON, with settings",
    )
    return parser.parse_args()


def write(file: Path, rows: int, columns: int) -> None:
    """Write a table of two classes, `y`: numbers with gaps, words, days and a boolean."""
    dice = np.random.default_rng(0)
    numbers = dice.normal(size=(max(columns - 5, 1), rows))
    words = [dice.integers(0, count, rows) for count in LEVELS]
    flags, days = dice.random(rows) < 0.4, dice.integers(10_000, 20_000, rows)
    signal = numbers[0] + words[0] / 2 - (words[2] % 7) / 3 + flags + dice.normal(size=rows)
    told = {f"n{place}": _with_gaps(one, dice) for place, one in enumerate(numbers)}
    told |= {
        f"w{place}": pa.array(np.array([f"level {one}" for one in range(count)])).take(
            pa.array(codes)
        )
        for place, (count, codes) in enumerate(zip(LEVELS, words, strict=True))
    }
    told |= {"flag": pa.array(flags), "day": pa.array(days, pa.int32()).cast(pa.date32())}
    kept = dict(list(told.items())[-columns:])
    answers = pa.array(["no", "yes"]).take(pa.array((signal > 1.5).astype(np.int64)))
    pq.write_table(pa.table({**kept, "y": answers}), file)


def _with_gaps(values: np.ndarray, dice: np.random.Generator) -> pa.Array:
    return pa.array(values, mask=dice.random(len(values)) < 0.03)


def run(folder: Path, options: argparse.Namespace) -> dict[str, float]:
    """Run the job in a process of its own; return step → its highest peak, in MB."""
    command = [sys.executable, "-m", memory_job.__name__, str(folder)]
    asked = {
        "budget": options.budget * MB,
        "folds": options.folds,
        "candidates": _candidates(options.candidates),
    }
    began, peaks = time.monotonic(), dict[str, float]()
    with subprocess.Popen([*command, json.dumps(asked)], stdout=subprocess.PIPE, text=True) as job:
        for line in job.stdout or ():
            if found := re.fullmatch(r"(\S+) ([\d.]+)\n", line):
                step, peak = found[1], float(found[2])
                peaks[step] = max(peak, peaks.get(step, 0.0))
                print(f"{step:>14} {peak:6.0f} MB {time.monotonic() - began:7.1f} s", flush=True)
            else:
                print(line, end="", flush=True)
    if job.returncode:
        sys.exit(f"the job's process ended with {job.returncode}")
    return peaks


def _candidates(text: str) -> list[dict[str, object]]:
    if text.startswith("["):
        found: list[dict[str, object]] = json.loads(text)
        return found
    return [{"algorithm": name} for name in text.split(",")]


if __name__ == "__main__":
    main()
