"""Tells the story of the demo on a console."""

import itertools
import random
import time
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from infra.local.demo import measure, steps, users
from infra.local.demo.client import Client
from infra.local.demo.table import Outcome, candidate_names
from infra.local.settings import ROOT

Json = dict[str, Any]

DATASET, TARGET = "titanic", "survived"
FILE = ROOT / "examples" / "titanic.csv"
# Two made-up passengers: what a model answers for them is not in the file.
PASSENGERS = [
    (
        "a woman of 29 in first class",
        {"pclass": 1, "name": "Doe, Miss. Jane", "sex": "female", "age": 29.0, "sibsp": 0}
        | {"parch": 0, "ticket": "11111", "fare": 90.0, "cabin": "B5", "embarked": "C"},
    ),
    (
        "a man of 35 in third class",
        {"pclass": 3, "name": "Doe, Mr. John", "sex": "male", "age": 35.0, "sibsp": 0}
        | {"parch": 0, "ticket": "22222", "fare": 8.05, "cabin": None, "embarked": "S"},
    ),
]


def run(client: Client, console: Console) -> Outcome:
    """Run all steps; return what was found.

    Raises:
        LocalError: a step failed.
    """
    begun = time.monotonic()
    with _progress(console) as progress:
        dataset = steps.load(client, DATASET, FILE, Rows(progress))
        _say(console, f"{dataset['rows']} rows of {FILE.name} are in")
        job = steps.train(client, dataset["id"], TARGET, Candidates(progress))
        _say(console, f"{len(job['candidates'])} candidates are trained")
    steps.promote(client, job["model"], job["version"])
    _say(console, f"version {job['version']} of {job['model']} is the champion")
    records = steps.fitting(client, job["model"], [record for _, record in PASSENGERS])
    found = steps.predict(client, job["model"], job["version"], records)
    cold, warm = _latency(client, job["model"], _asked(client, job["model"], dataset["id"]))
    _say(console, f"{warm.calls} predictions are timed")
    for line in users.told(client):
        _say(console, line)
    who = [name for name, _ in PASSENGERS]
    passengers = list(zip(who, found, strict=True))
    return Outcome(dataset, job, passengers, cold, warm, time.monotonic() - begun)


def _asked(client: Client, model: str, dataset: str) -> list[Json]:
    """Return rows to ask for, mixed: one that is asked for again and again would be drift."""
    rows = steps.fitting(client, model, steps.rows(client, dataset))
    random.Random(0).shuffle(rows)  # noqa: S311 - which comes first is no secret
    return rows


def _latency(
    client: Client, model: str, asked: list[Json]
) -> tuple[measure.Latency | None, measure.Latency]:
    path, records = f"prediction/models/{model}/predict", itertools.cycle(asked)

    def call() -> object:
        return client.call("POST", path, json={"records": [next(records)]})

    cold = measure.cold(client, "prediction", call) if client.access.may_administer else None
    return cold, measure.warm(call)


def _say(console: Console, text: str) -> None:
    console.print(f"[green]✓[/] {text}", highlight=False)


def _progress(console: Console) -> Progress:
    """Return bars; on something that is no terminal they are left out, the lines say enough."""
    return Progress(
        TextColumn("{task.description:<44}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


class Rows:
    """Shows how a dataset fills."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task = progress.add_task("rows", total=None)

    def __call__(self, dataset: Json) -> None:
        """Show the dataset as it is now."""
        total, done = dataset["rows"] or None, dataset["rows_done"]
        self._progress.update(self._task, total=total, completed=done)


class Candidates:
    """Shows the cross-validation of each candidate."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[int, TaskID] = {}

    def __call__(self, job: Json) -> None:
        """Show the job as it is now."""
        names = candidate_names(job["candidates"])
        for candidate in job["candidates"]:
            index = candidate["index"]
            if index not in self._tasks:
                self._tasks[index] = self._progress.add_task(names[index], total=None)
            self._progress.update(
                self._tasks[index], total=candidate["folds"], completed=candidate["folds_done"]
            )
