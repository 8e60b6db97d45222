"""What the services need of the stores of datasets and of their records.

`adapters/firestore_*.py` give it, and `adapters/memory_*.py` do in memory; the same tests run over
both (`tests/integration/functions/ports`).
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol, TypeVar

from functions.datasets.model.cells import Value
from functions.datasets.model.changing.changes import Edit, Part
from functions.datasets.model.dataset import Outline, Record, Snapshot, Stored
from functions.datasets.model.imports.imports import StoredImport
from functions.datasets.model.made import Made
from functions.datasets.model.queries.filters import Condition
from functions.datasets.model.reading.previews import Decision
from functions.datasets.model.reading.questions import Question
from functions.datasets.model.reading.shapes import DialectOverrule, Format
from functions.kit.contract.access.workspaces import Place

T = TypeVar("T")

# Names one state of a dataset's document: a write may be for that state alone.
Version = Any

# A moment of the store's own time: reads may be as of then.
Moment = Any


class Overtaken(Exception):  # noqa: N818 - reads as what it says
    """Somebody else changed the dataset's document meanwhile."""


class Forgotten(Exception):  # noqa: N818 - reads as what it says
    """The store does not keep states as old as the moment any more."""


class Seen(NamedTuple):
    """A dataset, the version of its document, and the moment at which its records are read.

    That is when the dataset was read; while many of its records are being changed, it is the moment
    before that change.
    """

    dataset: Stored
    version: Version
    moment: Moment


class Change(Protocol):
    """One transaction on a dataset: what it reads and what it will write.

    Attributes:
        dataset: change its fields freely; what differs at the end is written.
    """

    dataset: Stored

    def record(self, record_id: str) -> Record:
        """Return a record; raises NotFound."""

    def put(self, record: Record) -> None:
        """Write a record."""

    def remove(self, record_id: str) -> None:
        """Remove a record."""

    def snapshot(self, revision: int) -> Snapshot | None:
        """Return the snapshot of a revision, if it was made."""

    def put_snapshot(self, snapshot: Snapshot) -> None:
        """Write a snapshot's document."""

    def made(self, request: str) -> Made | None:
        """Return which record a request made, if it did."""

    def note(self, made: Made) -> None:
        """Write which record or import a request makes."""

    def find_import(self, number: str) -> StoredImport:
        """Return an import, to be changed and put; raises NotFound."""

    def put_import(self, found: StoredImport) -> None:
        """Write an import, and which step is due for it."""

    def wait_for_schedule(self) -> None:
        """Let the step of the schedule wait for its time, whoever has it now."""

    def log(self, part: Part) -> None:
        """Write a part of the log of changes; it was not there."""


class DatasetStore(Protocol):
    """Keeps datasets, which snapshots they have, and the step that is due (`model/due.py`)."""

    def create(self, dataset: Stored, made: Made | None = None) -> Stored | None:
        """Add a dataset, and the note of the request that makes it.

        Returns:
            The one that is in its place already, if any; when its content is the same, and it is
            not being deleted, the note is written all the same.

        Raises:
            Conflict: the request's key was for another request; nothing was written.
        """

    def find(self, place: Place) -> Seen:
        """Return a dataset; raises NotFound."""

    def find_shown(self, place: Place) -> Seen:
        """Return a dataset; raises NotFound, also when it is being deleted."""

    def find_snapshot(self, place: Place, revision: int) -> Snapshot | None:
        """Return the snapshot of a revision, if it was made."""

    def page(self, workspace: str, limit: int, after: str | None) -> list[Stored]:
        """Return datasets of a workspace in the order of their ids, but not those being deleted."""

    def outlines(self, workspace: str, limit: int, after: str | None) -> list[Outline]:
        """Return the same in outline: much less is read."""

    def several(self, places: Sequence[Place]) -> list[Stored]:
        """Return the datasets at these places, in this order; without those that are gone."""

    def naming(self, workspace: str, files: Collection[str]) -> set[str]:
        """Return those of some uploaded files that are a dataset's of the workspace."""

    def change(self, place: Place, work: Callable[[Change], T]) -> T:
        """Run `work` on a dataset in a transaction; all that it changes is written, or nothing.

        `work` may run several times.

        Raises:
            NotFound: also when it is being deleted.
            Exception: what `work` raises.
        """

    def restore_steps(self, place: Place) -> Stored:
        """Write the step that is due and not kept, as of a dataset from an earlier release.

        Raises:
            NotFound: there is no such dataset, or it is being deleted.
        """

    def snapshot_paths(self, place: Place) -> list[str]:
        """Return the object names of all snapshots of a dataset."""

    def remove(self, place: Place, seen: Version) -> None:
        """Remove a dataset, and the documents of its snapshots and uploads; raises Overtaken."""


class RecordReader(Protocol):
    """Reads the records of datasets."""

    def read(
        self,
        place: Place,
        *,
        after: str | None = None,
        moment: Moment | None = None,
        page: int = 5_000,
    ) -> Iterator[Record]:
        """See RecordStore."""

    def get(self, place: Place, record_id: str, moment: Moment | None = None) -> Record | None:
        """See RecordStore."""


class RecordStore(Protocol):
    """Keeps the records of datasets; what reads at a moment may raise Forgotten."""

    def read(
        self,
        place: Place,
        *,
        after: str | None = None,
        equal: Sequence[Condition] = (),
        moment: Moment | None = None,
        page: int = 5_000,
    ) -> Iterator[Record]:
        """Yield records in the order of their ids.

        Args:
            place: whose records.
            after: the id that the first one follows.
            equal: conditions of `==` on stored values, which all hold.
            moment: when they are as they are given; now, by default.
            page: records that are read at one go.
        """

    def get(self, place: Place, record_id: str, moment: Moment | None = None) -> Record | None:
        """Return one record, or None; raises NotFound for what cannot be an id."""

    def many(
        self, place: Place, ids: Sequence[str], moment: Moment | None = None
    ) -> dict[str, Record]:
        """Return those of some records that are there, by their ids."""

    def to_writes(self, place: Place, rows: Iterable[tuple[int, dict[str, Value]]], /) -> list[Any]:
        """Encode rows, by their numbers, as new records for `import_batch`."""

    def import_batch(
        self,
        place: Place,
        writes: Sequence[Any],
        progress: dict[str, Any],
        seen: Version,
        log: Sequence[Part] = (),
    ) -> Version:
        """Write new records and the import's progress, all or nothing.

        Args:
            place: whose records.
            writes: what `to_writes` gave, `limits.BATCH` at most.
            progress: fields of the dataset, and what they become.
            seen: the version of the dataset that the progress follows from.
            log: parts of the log of changes that are written, too.

        Returns:
            The dataset's new version.

        Raises:
            Overtaken: the dataset was changed since; nothing was written.
        """

    def edit_batch(
        self,
        place: Place,
        edits: Sequence[Edit],
        progress: dict[str, Any],
        seen: Version,
        log: Sequence[Part] = (),
        *,
        new: Sequence[Any] = (),
        is_over: bool = False,
    ) -> Version:
        """Write what a change makes of some records, its progress and its log; as `import_batch`.

        `new` are records beside the edits, as `to_writes` gave them. Once it `is_over`, its step is
        not due any more.
        """

    def take_back(
        self, place: Place, part: Part, progress: dict[str, Any], seen: Version
    ) -> Version:
        """Give records the state before a part of the log, and remove that; as `import_batch`."""

    def remove_batch(self, place: Place, now: dt.datetime, seen: Version) -> tuple[int, Version]:
        """Remove up to `limits.BATCH` records, then notes of requests, the log, imports.

        `seen` and errors are as in `import_batch`.

        Returns:
            How many of all these were removed, and the dataset's new version.
        """


class Table(Protocol):
    """A table in a file that is no text.

    Attributes:
        header: what the file calls the columns.
        has_header: whether the file names them.
        sheet: of a workbook.
        decisions: how all that was found.
        questions: what only a person can say of it.
    """

    header: list[str]
    has_header: bool
    sheet: str | None
    decisions: list[Decision]
    questions: list[Question]

    def rows(self) -> Iterator[list[str]]:
        """Yield the cells of the rows as text; a `Word` where the file says that it is text.

        Raises:
            Refused: the table cannot be read.
        """


class TableSource(Protocol):
    """Opens files of tables that are no text (`adapters/files`)."""

    def recognised(self, head: bytes) -> Format | None:
        """Return the format of a file that begins so, if it is one of these."""

    def open(
        self, kind: Format, chunks: Iterator[bytes], said: DialectOverrule
    ) -> AbstractContextManager[Table]:
        """Return a table that is open while the block goes on.

        Raises:
            Refused: it is not what it seems, or unpacks to too much.
        """
