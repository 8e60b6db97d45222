"""Brings a table on to a later revision: by the files that imports left, and by the log.

What a change put may be in a file of its own (`part_files.py`); else the log says what became of
which records, and new rows are read from the records themselves, as they are now.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from functions.datasets.model.cells import NotOfKind
from functions.datasets.model.dataset import Record, Stored, record_id
from functions.datasets.model.table_parts import TablePart, since
from functions.datasets.service.ports import Moment, RecordReader
from functions.datasets.service.read_model.part_files import PartFiles
from functions.datasets.service.read_model.ports import ChangeParts, Table
from functions.datasets.service.read_model.stored_values import StoredValues
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.batches import batches

PAGE = 5_000
"""Records that are read from the store in one go."""


class LaterTables:
    """Makes the table of a later revision from that of an earlier one."""

    def __init__(self, records: RecordReader, changes: ChangeParts, parts: PartFiles) -> None:
        self._records = records
        self._changes = changes
        self._parts = parts

    def of(self, table: Table, dataset: Stored, moment: Moment) -> Table | None:
        """Return a table at a dataset's revision; None where it has to be made anew.

        Args:
            table: of the revision or an earlier one.
            dataset: as it was seen.
            moment: when it was.
        """
        try:
            later = table.conformed(table.revision, dataset.columns)
        except NotOfKind:  # what was changed since may fit
            return None
        for part in since(dataset.parts, table.revision):
            later = later and self._with_part(later, part, dataset, moment)
        return later and self._by_log(later, dataset, dataset.revision, moment)

    def _with_part(
        self, table: Table, part: TablePart, dataset: Stored, moment: Moment
    ) -> Table | None:
        found = self._parts.load(dataset, part)
        if found is None:
            return self._by_log(table, dataset, part.revision, moment)
        if part.is_whole:
            return found
        before = self._by_log(table, dataset, part.revision - 1, moment)
        return before and before.joined(found)

    def _by_log(self, table: Table, dataset: Stored, upto: int, moment: Moment) -> Table | None:
        """Return the table of the revision `upto`; None where the log does not tell all."""
        if table.revision == upto:
            return table
        told, put, made = self._told(dataset.place, table.revision, upto)
        if len(told) != upto - table.revision:
            return None
        values = StoredValues(dataset.columns)
        there = values.shown(record for record in put.values() if record is not None)
        gone = [int(name) for name, record in put.items() if record is None]
        later = table.changed(upto, there, gone, values.cast)
        # As they are now, whatever was made of them since; and never all of them in memory.
        for rows in made:
            found = self._between(dataset.place, *rows, moment)
            for some in batches(found, lambda _: 1, PAGE):
                later = later.changed(upto, values.shown(some), (), values.cast)
        return later

    def _told(
        self, place: Place, after: int, upto: int
    ) -> tuple[set[int], dict[str, Record | None], Iterator[tuple[int, int]]]:
        """Return which revisions are logged, what became of records since one, and new rows."""
        told: set[int] = set()
        put: dict[str, Record | None] = {}
        made: list[tuple[int, int]] = []
        for part in self._changes.parts(place, after, upto):
            told.add(part.change.revision)
            if part.rows is not None:
                made.append(part.rows)
            for edit in part.edits:
                if edit.after is not msgspec.UNSET:
                    put[edit.id] = _since(edit.id, edit.version, edit.after)
        return told, put, merged(made)

    def _between(self, place: Place, first: int, last: int, moment: Moment) -> Iterator[Record]:
        """Yield the records of rows that an import made, as they are at a moment."""
        page = min(last - first + 2, PAGE)
        after = record_id(first - 1)
        for record in self._records.read(place, after=after, moment=moment, page=page):
            if record.id > record_id(last):
                return
            yield record


def merged(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield spans of row numbers, with those as one that follow each other."""
    held: tuple[int, int] | None = None
    for first, last in spans:
        if held is not None and first == held[1] + 1:
            held = held[0], last
            continue
        if held is not None:
            yield held
        held = first, last
    if held is not None:
        yield held


def _since(name: str, version: int, after: dict[str, Any] | None) -> Record | None:
    """Return a record as it is since a change; None where it is no more."""
    return None if after is None else Record(name, version, after)
