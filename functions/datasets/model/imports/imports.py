"""Imports into a dataset that is there: what is asked for, what was found, how far it has come."""

import datetime as dt
from typing import Literal

import msgspec

from functions.datasets.model.changing.changing import Changing, Phase, Task
from functions.datasets.model.dataset import Stored
from functions.datasets.model.due import FUNCTION
from functions.datasets.model.imports.asked import Asked, Source
from functions.kit.contract.access.workspaces import MAIN, Place, path
from functions.kit.contract.errors import Conflict, Flaw
from functions.kit.contract.steps import Step

State = Literal[
    "fetching",
    "checking",
    "waiting",
    "importing",
    "cancelling",
    "done",
    "refused",
    "failed",
    "cancelled",
]
AT_WORK: frozenset[State] = frozenset(("fetching", "checking", "importing", "cancelling"))
FIRST = "0"
"""The number of the import that made the dataset."""
FILES = ("file", "plan", "bad")
"""The fields of an import's document that name a file."""


class Report(msgspec.Struct):
    """What an import changes, found before it changes anything.

    Attributes:
        new: rows that become records.
        changed: rows whose record gets other values.
        same: rows whose record is like that already.
        bad: rows that do not fit.
        removed: records that a replace removes.
        flaws: of the bad rows, 20 at most, in the order of the file.
    """

    new: int = 0
    changed: int = 0
    same: int = 0
    bad: int = 0
    removed: int = 0
    flaws: list[Flaw] = []


class Import(msgspec.Struct, kw_only=True):
    """An import, as callers see it.

    Attributes:
        id: its number in the dataset.
        sha256: of the file, in hex; empty until it was read.
        checked_revision: the dataset's that its report is of; it knows nothing of later ones.
        rows: how many are to be written: the new and the changed ones.
        rows_done: how many of them are.
        revision: the dataset's that it made, or that it found everything in already.
        waits_at: its place among the imports that wait for their turn, from 1; null once it works.
        by: the id of the account that asked for it.
    """

    id: str
    dataset: str
    asked: Asked
    source: Source
    sha256: str = ""
    state: State
    failure: str | None = None
    report: Report | None = None
    checked_revision: int | None = None
    rows: int = 0
    rows_done: int = 0
    revision: int | None = None
    waits_at: int | None = None
    by: str
    created_at: dt.datetime
    updated_at: dt.datetime


class StoredImport(Import, kw_only=True):
    """An import's document.

    Attributes:
        workspace: in which it is; the document's path says so, not its fields.
        number: its id, to list by.
        file: object name of what is imported.
        plan: object name of the rows as they are to be written; empty until they were checked.
        bad: object name of the bad rows; empty where there are none.
        is_swept: no files are left to be removed.
    """

    workspace: str = MAIN
    number: int
    file: str
    plan: str = ""
    bad: str = ""
    is_swept: bool = True

    @property
    def place(self) -> Place:
        """Where its dataset is."""
        return Place(self.workspace, self.dataset)

    @property
    def is_due(self) -> bool:
        """Whether there is work to do."""
        return self.state in AT_WORK or not self.is_swept

    def shown(self) -> Import:
        """Return what callers see."""
        return msgspec.convert(self, Import, from_attributes=True)

    def turn(self, state: State, now: dt.datetime) -> None:
        """Go on to another state."""
        self.state, self.updated_at = state, now

    def end(self, state: State, now: dt.datetime) -> None:
        """Come to an end; what is left of it is to be swept."""
        self.is_swept = False
        self.turn(state, now)

    def check_open(self) -> None:
        """Raise Conflict when it has come to its end."""
        if self.state not in AT_WORK and self.state != "waiting":
            raise Conflict(f"Import {self.id} of '{self.dataset}' is {self.state} already.")


def take_hold(dataset: Stored, found: StoredImport, phase: Phase, total: int | None = None) -> None:
    """Have a dataset's records to the import itself: it is a change of many that is under way."""
    dataset.running = found.id
    dataset.change = Changing(
        revision=dataset.revision + 1,
        by=found.by,
        task=Task(kind="import", target=found.number),
        phase=phase,
        total=total,
    )


def held(dataset: Stored, found: StoredImport) -> Changing | None:
    """Return the change of a dataset's records that is an import's, if it is under way."""
    changing = dataset.under_way
    is_its = changing is not None and changing.task == Task(kind="import", target=found.number)
    return changing if is_its else None


def is_taken(dataset: Stored, found: StoredImport) -> bool:
    """Tell whether others are changing many records of a dataset."""
    return dataset.under_way is not None and held(dataset, found) is None


def let_go(dataset: Stored, found: StoredImport) -> None:
    """Leave a dataset to others."""
    if dataset.running == found.id:
        dataset.running = ""
    if held(dataset, found) is not None:
        dataset.change = None


def first_import(dataset: Stored, rows: int) -> StoredImport:
    """Return the import that made a dataset, of so many rows; it has no document of its own."""
    is_there = dataset.state == "ready"
    return StoredImport(
        id=FIRST,
        number=int(FIRST),
        workspace=dataset.workspace,
        dataset=dataset.id,
        asked=Asked(mode="append"),
        source=dataset.source or Source(),
        sha256=dataset.sha256,
        state="done" if is_there else "failed" if dataset.state == "failed" else "importing",
        failure=dataset.failure,
        report=Report(new=rows),
        rows=rows,
        rows_done=rows if is_there else dataset.rows_done,
        revision=1 if is_there else None,
        by=dataset.owner,
        created_at=dataset.created_at,
        updated_at=dataset.created_at if is_there else dataset.updated_at,
        file=dataset.file,
    )


def schedule_step(place: Place) -> Step:
    """Return the step that begins a scheduled import."""
    return Step(FUNCTION, f"/{path(place.workspace, 'datasets', place.name, 'schedule')}")


def step_of(place: Place, number: str) -> Step:
    """Return the step that works on an import."""
    return Step(FUNCTION, f"/{path(place.workspace, 'datasets', place.name, 'imports', number)}")


def due_of(found: StoredImport | None) -> list[Step]:
    """Return what is to be done for an import to get on; none or one."""
    return [step_of(found.place, found.id)] if found is not None and found.is_due else []


def raw(place: Place) -> str:
    """Return what the object names of a dataset's files begin with, as they were sent."""
    return path(place.workspace, "raw", place.name, "")


def external(place: Place) -> str:
    """Return what the object names of files begin with that were fetched for a dataset."""
    return path(place.workspace, "external", place.name, "")


def checked(place: Place) -> str:
    """Return what the object names of checked rows begin with: plans, and bad rows."""
    return path(place.workspace, "checked", place.name, "")


def areas(place: Place) -> tuple[str, ...]:
    """Return what the object names of all files of imports begin with."""
    return raw(place), external(place), checked(place)
