"""Mayfly, as its users have it: a file is uploaded, a job is asked for, records are predicted."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from benchmarks.learning.calls import Calls
from benchmarks.learning.measures import Predicted
from benchmarks.learning.splits import Split
from benchmarks.learning.tables import Source
from functions.kit.contract.models.signature import Task

AT_ONCE = 500  # records
BLANK = frozenset({"", "NA"})


class Mayfly:
    """A running Mayfly, and the seconds that it may search for."""

    def __init__(self, client: httpx.Client, seconds: float) -> None:
        self._calls = Calls(client)
        self._seconds = seconds

    def predict(self, source: Source, split: Split, train: Path) -> tuple[Predicted, float]:
        """Learn from a file and predict the other rows; return that and the seconds of the job."""
        name = f"{source.name}-{split.number}"
        dataset = self._calls.upload(name, train.read_bytes())
        columns = {column["name"]: column["kind"] for column in dataset["columns"]}
        took = self._train(name, source)
        asked = [_record(row, columns, source.target) for row in split.test]
        found = [one for part in _parts(asked) for one in self._predictions(name, part)]
        return _predicted(source.task, found), took

    def _train(self, name: str, source: Source) -> float:
        began = time.monotonic()
        job = self._calls.begin(
            dataset=name, target=source.target, seconds=self._seconds, task=source.task
        )
        self._calls.until_trained(job)
        return time.monotonic() - began

    def _predictions(self, name: str, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        path = f"prediction/models/{name}/predict"
        answer = self._calls.call("POST", path, json={"records": records})
        found: list[dict[str, Any]] = answer["predictions"]
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
