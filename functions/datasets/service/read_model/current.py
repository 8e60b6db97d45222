"""The table of a dataset's newest revision, in each replica.

The dataset's document says which revision that is; whatever was acknowledged is in it. A table
that is held is brought on by the log of changes, one that is not is read from its newest file
first (`later.py`). Where the log does not tell all, the table is made anew from the records.
"""

import threading
from dataclasses import dataclass

import structlog
from cachetools import LRUCache

from functions.datasets.model.dataset import Stored
from functions.datasets.model.table_parts import MOST, since
from functions.datasets.service.ports import DatasetStore, Moment, RecordReader
from functions.datasets.service.read_model.bases import Bases
from functions.datasets.service.read_model.later import LaterTables
from functions.datasets.service.read_model.ports import Table, TableFiles
from functions.datasets.service.read_model.scratch import scratch
from functions.datasets.service.read_model.stored_values import StoredValues
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.batches import batches
from functions.kit.contract.errors import Away

log = structlog.get_logger()

STRIPES = 16
READ = 2_000
"""Records that are put into a file in one go."""
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
        later: brings tables on to later revisions.
        bases: the files of whole tables.
        files: make and read such files.
        most_bytes: what all tables that are held may take in memory; what was read longest ago
            makes room.
    """

    def __init__(
        self,
        store: DatasetStore,
        records: RecordReader,
        later: LaterTables,
        bases: Bases,
        files: TableFiles,
        most_bytes: int,
    ) -> None:
        self._store = store
        self._records = records
        self._later = later
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
        return held if held is not None and held.of == dataset.identity else None

    def _brought_on(self, dataset: Stored, moment: Moment) -> _Held:
        """Return the table of the dataset's revision, or of a later one that is held by now."""
        held = self._known(dataset)
        if held is not None and held.table.revision >= dataset.revision:
            return held
        if held is None:
            base = self._bases.newest(dataset)
            held = None if base is None else _Held(dataset.identity, base, 0)
        table = None if held is None else self._brought(held.table, dataset, moment)
        if held is None or table is None:
            held = _Held(dataset.identity, self._anew(dataset, moment), 0)
        else:
            held = self._with_file(dataset, _Held(held.of, table, held.kept))
        with self._holding:
            self._held[dataset.place] = held
        return held

    def _brought(self, table: Table, dataset: Stored, moment: Moment) -> Table | None:
        """Return a table brought on to the dataset's revision; None where that cannot be done."""
        later = self._later.of(table, dataset, moment)
        if later is None or later.rows == dataset.rows:
            return later
        log.warning("table is not the records", dataset="/".join(dataset.place), rows=later.rows)
        return None

    def _with_file(self, dataset: Stored, held: _Held) -> _Held:
        """Store a table of which much was changed since its file, so that others read less."""
        if not _are_many(held.table.changes - held.kept, held.table.rows):
            return held
        kept = self._bases.keep(dataset, held.table)
        return _Held(held.of, held.table, held.table.changes) if kept else held

    def fold(self, place: Place) -> None:
        """Store the newest table where parts hold much of it, so that no reader has to.

        Raises:
            NotFound: there is no such dataset.
            Conflict: it is not ready.
            Away: it is changed all the time.
            Incomplete: its records are not those that it should have.
        """
        seen = self._store.find_shown(place).dataset
        parts = since(seen.parts, self._bases.revision(seen))
        if _are_many(sum(part.rows for part in parts), seen.rows) or len(parts) > MOST // 2:
            self._bases.keep(*self.of(place))

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


def _are_many(changes: int, rows: int) -> bool:
    """Tell whether so many changes of a table of `rows` are worth a file of all of it."""
    return changes >= max(WORTH_KEEPING, rows // 20)
