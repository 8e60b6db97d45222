"""The first table of a dataset, made of the rows that its import writes while it has them at hand.

Each turn of an import stores the rows that it wrote as a file; the last puts the files together.
Rows of which a killed turn left no file are read from the records. A file's name says which rows it
holds, and any two of the same rows are equal: the uploaded file is one, and its rows are final.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import IO, NamedTuple
from uuid import uuid4

import structlog

from functions.datasets.model.cells import Value
from functions.datasets.model.dataset import FIRST_VERSION, Record, Stored, record_id
from functions.datasets.service.ports import DatasetStore, RecordStore
from functions.datasets.service.read_model.bases import PROCESSED, Bases, stem
from functions.datasets.service.read_model.ports import TableFiles, TableWriter
from functions.datasets.service.read_model.scratch import scratch
from functions.datasets.service.read_model.stored_values import StoredValues
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.access.workspaces import path as path_in
from functions.kit.contract.batches import batches
from functions.kit.contract.errors import NotFound, Transient
from functions.kit.contract.ports import Bucket, Clock
from functions.kit.service import sweeper

log = structlog.get_logger()

Numbered = tuple[int, dict[str, Value]]
"""A row's number, and its values."""
FIRST_REVISION = 1
READ = 2_000


class _Part(NamedTuple):
    first: int
    last: int
    path: str


class Recording:
    """Takes the rows that one turn writes; where there is no room for them, it goes without.

    Attributes:
        first: the number of the first row; 0 before there is one.
        last: of the last one.
        is_whole: it has all rows that it was given.
    """

    def __init__(self, opened: Callable[[], TableWriter]) -> None:
        self._opened = opened
        self._writer: TableWriter | None = None
        self.first = self.last = 0
        self.is_whole = True

    def add(self, rows: Sequence[Numbered]) -> None:
        """Take rows that are records now."""
        records = [Record(record_id(row), FIRST_VERSION, values) for row, values in rows]
        if self.is_whole:
            with self.going_without():
                self._writer = self._writer or self._opened()
                self._writer.add(records)
        self.first = self.first or rows[0][0]
        self.last = rows[-1][0]

    @contextmanager
    def going_without(self) -> Iterator[None]:
        """Take a disk that is full for a reason to do without: the rows are records, too."""
        try:
            yield
        except OSError as error:
            log.warning("rows not recorded", error=str(error))
            self.is_whole = False


class ImportedRows:
    """Keeps the rows of imports as files, and makes the first table of them."""

    def __init__(
        self,
        store: DatasetStore,
        records: RecordStore,
        bucket: Bucket,
        bases: Bases,
        tables: TableFiles,
        clock: Clock,
    ) -> None:
        self._store = store
        self._records = records
        self._bucket = bucket
        self._bases = bases
        self._tables = tables
        self._clock = clock

    @contextmanager
    def recording(self, dataset: Stored) -> Iterator[Recording]:
        """Return what takes the rows of a turn; they are stored when the block ends.

        A turn that ends by an exception stores none: its rows are records all the same.
        """
        with scratch() as file, ExitStack() as closing:
            recording = Recording(lambda: closing.enter_context(self._writer(file, dataset)))
            yield recording
            with recording.going_without():
                closing.close()
            if recording.first and recording.is_whole:
                self._store_part(dataset, recording, file)

    def _writer(self, file: IO[bytes], dataset: Stored) -> AbstractContextManager[TableWriter]:
        return self._tables.writer(file, dataset.columns, {"revision": FIRST_REVISION})

    def _store_part(self, dataset: Stored, recording: Recording, file: IO[bytes]) -> None:
        if (recording.first, recording.last) == (1, dataset.rows):
            self._bases.store(dataset, FIRST_REVISION, file)
            return
        rows = f"{record_id(recording.first)}-{record_id(recording.last)}"
        path = f"{stem(dataset)}i{rows}-{uuid4().hex}.parquet"
        try:
            self._bucket.upload(path, file, self._tables.media_type)
        except Transient as error:
            log.warning("rows not kept", dataset="/".join(dataset.place), error=str(error))

    def assemble(self, dataset: Stored) -> None:
        """Make the first table, of all rows, unless it is there.

        Where a store fails, a later reader makes the table from the records.
        """
        try:
            found = [path for path, _ in self._bucket.listed(stem(dataset))]
            parts = _parts(path for path in found if path.startswith(f"{stem(dataset)}i"))
            if len(parts) == len(found):  # nobody has come so far before
                self._assemble(dataset, parts)
            for part in parts:
                self._bucket.delete(part.path)
        except (Transient, OSError) as error:
            log.warning("table not assembled", dataset="/".join(dataset.place), error=str(error))

    def _assemble(self, dataset: Stored, parts: Sequence[_Part]) -> None:
        with scratch() as file:
            with self._writer(file, dataset) as writer:
                done = 0
                for part in parts:
                    if part.first <= done:
                        continue
                    self._add_records(writer, dataset, done, part.first - 1)
                    self._add_part(writer, part)
                    done = part.last
                self._add_records(writer, dataset, done, dataset.rows)
            if writer.rows == dataset.rows:
                self._bases.store(dataset, FIRST_REVISION, file)

    def _add_part(self, writer: TableWriter, part: _Part) -> None:
        with scratch() as file:
            self._bucket.download(part.path, file)
            file.seek(0)
            writer.add_file(file)

    def _add_records(self, writer: TableWriter, dataset: Stored, done: int, last: int) -> None:
        """Add the rows after `done` up to `last` from the records."""
        if done >= last:
            return
        values = StoredValues(dataset.columns)
        for some in batches(_rows(self._records, dataset.place, done, last), lambda _: 1, READ):
            writer.add(values.shown(some))

    def sweep(self, workspace: str) -> None:
        """Remove the old files of datasets of a workspace that are there no more."""
        sweeper.sweep(
            self._bucket,
            path_in(workspace, PROCESSED, ""),
            lambda paths: [path for path in paths if self._is_there(workspace, path)],
            now=self._clock.now(),
        )

    def _is_there(self, workspace: str, path: str) -> bool:
        try:
            self._store.find(Place(workspace, path.split("/")[-2]))
        except NotFound:
            return False
        return True


def _parts(paths: Iterable[str]) -> list[_Part]:
    """Return the files of turns by their rows; of those of one beginning, the longest first."""
    return sorted(map(_part, paths), key=lambda part: (part.first, -part.last))


def _part(path: str) -> _Part:
    first, last = path.rpartition("/")[2].split("-")[1:3]
    return _Part(int(first.removeprefix("i")), int(last), path)


def _rows(records: RecordStore, place: Place, done: int, last: int) -> Iterator[Record]:
    for record in records.read(place, after=record_id(done)):
        if record.id > record_id(last):
            return
        yield record
