"""Changes of many records, as callers see them: done, under way or failed."""

import datetime as dt
from typing import Literal

import msgspec

from functions.datasets.model.changing.changes import LoggedChange
from functions.datasets.model.changing.changing import Changing
from functions.datasets.model.suggestions import ValueWarning

Outcome = Literal["done", "running", "failed"]


class ChangeView(LoggedChange, kw_only=True, frozen=True):
    """A change, and how far it has come.

    Attributes:
        state: "running" until all is written, and seen at once; "failed" has changed nothing.
        written: how many records are written; they are seen once `state` is "done".
        total: how many there are to write; null until all rows were looked at.
        looked: at how many rows, in this run through them.
        warnings: for values that are unlike all that their columns held.
    """

    state: Outcome = "done"
    written: int
    total: int | None = None
    looked: int | None = None
    failure: str | None = None
    warnings: list[ValueWarning] = msgspec.field(default_factory=list)


class Count(msgspec.Struct):
    """How many records a change by filter would be of."""

    records: int


def logged(changing: Changing, now: dt.datetime) -> LoggedChange:
    """Return the entry of the log that a change has at its end."""
    task = changing.task
    return LoggedChange(
        revision=changing.revision,
        at=now,
        by=changing.by,
        kind=task.kind,
        summary=task.summary,
        records=changing.records,
        undoes=task.undoes,
    )


def view_of(changing: Changing, now: dt.datetime) -> ChangeView:
    """Return a change that is under way, or has failed, as callers see it."""
    is_writing = changing.phase == "writing"
    return ChangeView(
        **msgspec.structs.asdict(logged(changing, now)),
        state="running" if changing.is_under_way else "failed",
        written=changing.records if is_writing else 0,
        total=changing.total,
        looked=changing.looked,
        failure=changing.failure,
    )


def view(change: LoggedChange, warnings: list[ValueWarning] | None = None) -> ChangeView:
    """Return a change that is done, as callers see it."""
    fields = msgspec.structs.asdict(change)
    count = change.records
    return ChangeView(**fields, written=count, total=count, warnings=warnings or [])
