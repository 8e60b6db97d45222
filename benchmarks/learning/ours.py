"""Mayfly, as its users have it: a file is uploaded, a job is asked for, records are predicted."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from benchmarks.learning.measures import Predicted
from benchmarks.learning.splits import Split
from benchmarks.learning.tables import Source
from functions.kit.contract.signature import Task

AT_ONCE = 500  # records
PAUSE = 0.2
LONGEST = 1200.0  # seconds that a job may take
BLANK = frozenset({"", "NA"})


class Mayfly:
    """A running Mayfly, over HTTP."""

    def __init__(self, client: httpx.Client, seconds: float) -> None:
        self._client = client
        self._seconds = seconds

    def predict(self, source: Source, split: Split, train: Path) -> tuple[Predicted, float]:
        """Learn from a file and predict the other rows; return that and the seconds of the job."""
        name = f"{source.name}-{split.number}"
        columns = self._upload(name, train)
        job = self._train(name, source)
        asked = [_record(row, columns, source.target) for row in split.test]
        found = [one for part in _parts(asked) for one in self._predictions(name, part)]
        return _predicted(source.task, found), job["seconds"]

    def _upload(self, name: str, train: Path) -> dict[str, str]:
        """Return the kind of each column."""
        with train.open("rb") as file:
            form = {"file": (train.name, file, "text/csv")}
            self._call("POST", f"datasets/datasets?name={name}", files=form)
        found = self._until(f"datasets/datasets/{name}", {"ready"}, {"failed"})
        return {column["name"]: column["kind"] for column in found["columns"]}

    def _train(self, name: str, source: Source) -> dict[str, Any]:
        began = time.monotonic()
        body = {
            "dataset": name,
            "target": source.target,
            "seconds": self._seconds,
            "task": source.task,
        }
        job = self._call("POST", "training/jobs", json=body)
        found = self._until(f"training/jobs/{job['id']}", {"succeeded"}, {"failed", "cancelled"})
        return found | {"seconds": time.monotonic() - began}

    def _predictions(self, name: str, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        path = f"prediction/models/{name}/predict"
        found: list[dict[str, Any]] = self._call("POST", path, json={"records": records})[
            "predictions"
        ]
        return found

    def _until(self, path: str, good: set[str], bad: set[str]) -> dict[str, Any]:
        deadline = time.monotonic() + LONGEST
        while time.monotonic() < deadline:
            found = self._call("GET", path)
            if found["state"] in good:
                return found
            if found["state"] in bad:
                sys.exit(f"{path} {found['state']}: {found.get('failure')}")
            time.sleep(PAUSE)
        sys.exit(f"{path} was not done after {LONGEST:g} s")

    def _call(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        answer = self._client.request(method, path, **options)
        if not answer.is_success:
            sys.exit(f"{method} {path}: {answer.status_code} {answer.text[:1000]}")
        found: dict[str, Any] = answer.json()
        return found


def _parts(records: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for begin in range(0, len(records), AT_ONCE):
        yield records[begin : begin + AT_ONCE]


def _record(row: dict[str, str], columns: dict[str, str], target: str) -> dict[str, Any]:
    return {name: _value(cell, columns[name]) for name, cell in row.items() if name != target}


def _value(cell: str, kind: str) -> Any:
    if cell in BLANK:
        return None
    match kind:
        case "integer":
            return int(cell)
        case "number":
            return float(cell)
        case "boolean":
            return cell.lower() in {"true", "yes"}
        case "date":
            return cell.replace("/", "-")
        case _:
            return cell


def _predicted(task: Task, found: list[dict[str, Any]]) -> Predicted:
    if task == "regression":
        return Predicted([], [one["value"] for one in found])
    labels = list(found[0]["probabilities"])
    return Predicted(labels, [[one["probabilities"][name] for name in labels] for one in found])
