"""Has evidently look at windows; runs in its own environment, and imports nothing of ours.

Prints {"kind rows": share of windows with a column that it says drifts} of the files of a folder.
"""

import collections
import json
import pathlib
import sys
import warnings

import pandas as pd
from evidently import Report
from evidently.presets import DataDriftPreset


def drifting(then: pd.DataFrame, now: pd.DataFrame) -> int:
    """Return how many columns drift."""
    run = Report([DataDriftPreset()]).run(now, then)
    for metric in run.dict()["metrics"]:
        if "DriftedColumnsCount" in str(metric.get("metric_name", metric.get("metric_id"))):
            return int(metric["value"]["count"])
    raise LookupError("evidently's report has no count of drifted columns")


def main(folder: pathlib.Path) -> None:
    """Look at each window beside the rows of then of its table."""
    warnings.simplefilter("ignore")
    alarms: collections.Counter[str] = collections.Counter()
    windows: collections.Counter[str] = collections.Counter()
    for path in sorted(folder.glob("*.parquet")):
        table, kind, *rest = path.name.split(".")
        if kind == "then":
            continue
        then = pd.read_parquet(folder / f"{table}.then.parquet")
        name = f"{kind} {rest[0]}"
        windows[name] += 1
        alarms[name] += drifting(then, pd.read_parquet(path)) > 0
    print(json.dumps({name: alarms[name] / count for name, count in windows.items()}))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
