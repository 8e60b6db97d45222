"""What a change is to make of which records, in an order that stays the same while it goes on."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple, Protocol

import msgspec

from functions.datasets.model.cells import Value
from functions.datasets.model.changing.changes import Edit, Part
from functions.datasets.model.changing.changing import Task
from functions.datasets.model.changing.rows_seen import RowsSeen
from functions.datasets.model.dataset import Record, Stored, record_id
from functions.datasets.model.queries import filters, query, where
from functions.datasets.model.schema import fault
from functions.datasets.model.values import sized, values_of
from functions.datasets.service.changing.history_ports import ChangeLog
from functions.datasets.service.ports import Moment, RecordStore
from functions.kit.contract.errors import Flaw, refused
from functions.kit.contract.records.columns import Column

# Records that are read at one go, where they are read by their ids.
GROUP = 300


class Look(NamedTuple):
    """One look at a record: where to go on after it, and what is to be made of it, if anything."""

    cursor: str
    edit: Edit | None


class Plan(Protocol):
    """What is to be made of which records."""

    def looks(self, after: str, moment: Moment | None) -> Iterator[Look]:
        """Yield looks behind a cursor, from the records as they were at a moment.

        Raises:
            Invalid: what a record would become cannot be.
        """


class Stores(NamedTuple):
    """Where plans read."""

    records: RecordStore
    log: ChangeLog


def plan_of(task: Task, dataset: Stored, stores: Stores) -> Plan:
    """Return what a task is for a dataset; raises Unreadable for a filter that cannot be."""
    if task.kind == "bulk":
        return ByFilter(task, dataset, stores.records)
    return FromLog(task, dataset, stores)


class ByFilter:
    """Gives the records that meet some filters new values, or removes them."""

    def __init__(self, task: Task, dataset: Stored, records: RecordStore) -> None:
        self._task = task
        self._dataset = dataset
        self._records = records
        self._values = values_of(dataset.columns)
        self._new = None if task.values is None else self._kept(task.values)
        asked = query.Asked(task.filters, task.where)
        self._where = query.read(asked, dataset.columns).where
        self._equal = filters.by_store(where.all_of(self._where), dataset.recast)

    def looks(self, after: str, moment: Moment | None) -> Iterator[Look]:
        """See Plan; the cursor is the record's id."""
        found = self._records.read(
            self._dataset.place, after=after or None, equal=self._equal, moment=moment
        )
        for record in found:
            shown = self._values.shown(record.values)
            yield Look(record.id, self._edit(record, shown) if self._where.holds(shown) else None)

    def _kept(self, values: dict[str, Any]) -> dict[str, Value]:
        """Return new values of the columns' kinds: the dataset's document keeps days as text."""
        shown = self._values.shown(values)
        return {name: shown[name] for name in values}

    def _edit(self, record: Record, shown: dict[str, Value]) -> Edit | None:
        if self._new is None:
            return removal(record)
        after = shown | self._new
        return None if after == shown else update(record, after)


class FromLog:
    """Gives records the values that they had before a change, or after one."""

    def __init__(self, task: Task, dataset: Stored, stores: Stores) -> None:
        assert task.target is not None
        self._dataset = dataset
        self._stores = stores
        is_undo = task.kind == "undo"
        self._after = task.target - 1 if is_undo else task.target
        self._upto = task.target if is_undo else dataset.revision

    def looks(self, after: str, moment: Moment | None) -> Iterator[Look]:
        """See Plan; the cursor counts the records."""
        done = int(after or 0)
        targets = islice(self._targets(), done, None)
        while group := list(islice(targets, GROUP)):
            ids = [record for record, _ in group]
            found = self._stores.records.many(self._dataset.place, ids, moment)
            for record, values in group:
                done += 1
                yield Look(str(done), self._edit(record, values, found.get(record)))

    def _targets(self) -> Iterator[tuple[str, dict[str, Any] | None]]:
        """Yield each record once, with its values before the first of the changes."""
        seen = RowsSeen()
        parts = self._stores.log.parts(self._dataset.place, self._after, self._upto)
        for record, before in _befores(parts):
            if seen.add(record):
                yield record, before

    def _edit(self, record: str, values: dict[str, Any] | None, now: Record | None) -> Edit | None:
        if values is None:
            return None if now is None else removal(now)
        check_fit(self._dataset.columns, record, values)
        if now is None:
            # Higher than any that the record had: each change of it made a revision.
            return Edit(record, self._dataset.revision + 1, None, values)
        return update(now, values)


def _befores(parts: Iterable[Part]) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """Yield the records that changes are of, with their values before."""
    for part in parts:
        for edit in part.edits:
            if edit.before is not msgspec.UNSET:  # of two halves, the first has it
                yield edit.id, edit.before
        if part.rows is not None:
            first, last = part.rows
            for row in range(first, last + 1):
                yield record_id(row), None


def removal(record: Record) -> Edit:
    """Return the edit that removes a record."""
    return Edit(record.id, record.version, record.values, None)


def update(record: Record, values: dict[str, Any]) -> Edit | None:
    """Return the edit that gives a record other values; None where they are the same."""
    if values == record.values:
        return None
    return Edit(record.id, record.version + 1, record.values, sized(values))


def check_fit(columns: Sequence[Column], record: str, values: dict[str, Any]) -> None:
    """Raise Invalid where values of the past do not fit the columns of today."""
    for column in columns:
        reason = fault(column, values.get(column.name))
        if reason is not None:
            text = f"{reason} (record {record}, as it was)"
            raise refused("The schema has been changed since", Flaw(text, column=column.name))
