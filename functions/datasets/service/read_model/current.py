"""The table of a dataset's newest revision, in each replica.

The dataset's document says which revision that is; whatever was acknowledged is in it. A table
that is held is brought on by the log of changes, one that is not is read from its newest file
first. Where the log does not tell all, the table is made anew from the records.
"""

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import structlog
from cachetools import LRUCache

from functions.datasets.model.cells import NotOfKind
from functions.datasets.model.dataset import Record, Stored, record_id
from functions.datasets.service.ports import DatasetStore, Moment, RecordStore
from functions.datasets.service.read_model.bases import Bases, identity
from functions.datasets.service.read_model.ports import ChangeParts, Table, TableFiles
from functions.datasets.service.read_model.scratch import scratch
from functions.datasets.service.read_model.stored_values import StoredValues
from functions.kit.contract.batches import batches
from functions.kit.contract.errors import Away
from functions.kit.contract.workspaces import Place

log = structlog.get_logger()

STRIPES = 16
READ = 2_000
"""Records that are put into a file in one go."""
PAGE = 5_000
"""Records that are read from the store in one go."""
WORTH_KEEPING = 2_000
"""Changes after which a table is stored anew, if they are a twentieth of its rows, too."""


class Incomplete(Exception):  # noqa: N818 - a state of what was read
    """The rows that were read are not those of the revision: what they make would be a part."""


@dataclass(frozen=True)
class _Held:
    """A table, of which dataset it is, and how many of its changes its newest file has."""

    of: str
    table: Table
    kept: int


class CurrentTables:
    """Gives the table of a dataset's newest revision.

    Args:
        store: the datasets.
        records: their records.
        changes: what was changed of them.
        bases: the files of whole tables.
        files: make and read such files.
        most_bytes: what all tables that are held may take in memory; what was read longest ago
            makes room.
    """

    def __init__(
        self,
        store: DatasetStore,
        records: RecordStore,
        changes: ChangeParts,
        bases: Bases,
        files: TableFiles,
        most_bytes: int,
    ) -> None:
        self._store = store
        self._records = records
        self._changes = changes
        self._bases = bases
        self._files = files
        self._held: LRUCache[Place, _Held] = LRUCache(
            most_bytes, lambda held: min(held.table.bytes, most_bytes)
        )
        self._holding = threading.Lock()
        self._making = [threading.Lock() for _ in range(STRIPES)]

    def of(self, place: Place) -> tuple[Stored, Table]:
        """Return a dataset and all its rows, of one revision: the newest when we were asked.

        Raises:
            NotFound: when there is no such dataset.
            Conflict: when it is not ready.
            Incomplete: its records are not those that it should have.
        """
        for _ in range(10):
            dataset, _, moment = self._store.find_shown(place)
            dataset.check_ready()
            held = self._known(dataset)
            if held is None or held.table.revision < dataset.revision:
                with self._making[hash(place) % STRIPES]:
                    held = self._brought_on(dataset, moment)
            if held.table.revision == dataset.revision:
                return dataset, held.table
            # Somebody beside us has brought it on further than what we have read.
        raise Away(f"Dataset '{place.name}' is changed all the time; try again.")

    def _known(self, dataset: Stored) -> _Held | None:
        with self._holding:
            held = self._held.get(dataset.place)
        return held if held is not None and held.of == identity(dataset) else None

    def _brought_on(self, dataset: Stored, moment: Moment) -> _Held:
        """Return the table of the dataset's revision, or of a later one that is held by now."""
        held = self._known(dataset)
        if held is not None and held.table.revision >= dataset.revision:
            return held
        if held is None:
            base = self._bases.newest(dataset)
            held = None if base is None else _Held(identity(dataset), base, 0)
        table = None if held is None else self._later(held.table, dataset, moment)
        if held is None or table is None:
            held = _Held(identity(dataset), self._anew(dataset, moment), 0)
        else:
            held = self._with_file(dataset, _Held(held.of, table, held.kept))
        with self._holding:
            self._held[dataset.place] = held
        return held

    def _later(self, table: Table, dataset: Stored, moment: Moment) -> Table | None:
        """Return a table brought on to the dataset's revision; None where that cannot be done."""
        if table.revision == dataset.revision:
            later: Table | None = table.conformed(dataset.revision, dataset.columns)
        else:
            later = self._by_log(table, dataset, moment)
        if later is None or later.rows == dataset.rows:
            return later
        log.warning("table is not the records", dataset="/".join(dataset.place), rows=later.rows)
        return None

    def _by_log(self, table: Table, dataset: Stored, moment: Moment) -> Table | None:
        try:
            conformed = table.conformed(dataset.revision, dataset.columns)
        except NotOfKind:  # what was changed since may fit
            return None
        if conformed is None:
            return None
        told, put, made = self._told(table.revision, dataset)
        if len(told) != dataset.revision - table.revision:
            return None
        values = StoredValues(dataset.columns)
        there = values.shown(record for record in put.values() if record is not None)
        gone = [int(name) for name, record in put.items() if record is None]
        later = conformed.changed(dataset.revision, there, gone, values.cast)
        # As they are now, whatever was made of them since; and never all of them in memory.
        for rows in made:
            found = self._between(dataset.place, *rows, moment)
            for some in batches(found, lambda _: 1, PAGE):
                later = later.changed(dataset.revision, values.shown(some), (), values.cast)
        return later

    def _told(
        self, after: int, dataset: Stored
    ) -> tuple[set[int], dict[str, Record | None], Iterator[tuple[int, int]]]:
        """Return which revisions are logged, what became of records since one, and new rows."""
        told: set[int] = set()
        put: dict[str, Record | None] = {}
        made: list[tuple[int, int]] = []
        for part in self._changes.parts(dataset.place, after, dataset.revision):
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

    def _with_file(self, dataset: Stored, held: _Held) -> _Held:
        """Store a table of which much was changed since its file, so that others read less."""
        news = held.table.changes - held.kept
        if news < max(WORTH_KEEPING, held.table.rows // 20):
            return held
        kept = self._bases.keep(dataset, held.table)
        return _Held(held.of, held.table, held.table.changes) if kept else held

    def _anew(self, dataset: Stored, moment: Moment) -> Table:
        """Make the table from the records as they were at a moment, and store it."""
        note: dict[str, object] = {"revision": dataset.revision}
        values = StoredValues(dataset.columns)
        with scratch() as file:
            with self._files.writer(file, dataset.columns, note) as writer:
                found = self._records.read(dataset.place, moment=moment)
                for some in batches(found, lambda _: 1, READ):
                    writer.add(values.shown(some))
                note["cast"] = sorted(values.cast)
            if writer.rows != dataset.rows:
                raise Incomplete(
                    f"The store gave {writer.rows} rows of revision {dataset.revision} of "
                    f"'{dataset.id}', which has {dataset.rows}."
                )
            self._bases.store(dataset, dataset.revision, file)
            self._bases.sweep(dataset)
            file.seek(0)
            table: Table = self._files.load(file)
            return table


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
