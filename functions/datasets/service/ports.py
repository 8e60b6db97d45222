"""What the services need of the stores of datasets and of their records.

`adapters/firestore_*.py` give it, and `adapters/memory_*.py` do in memory; the same tests run over
both (`tests/integration/functions/ports`).
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import IO, Any, NamedTuple, Protocol, TypeVar

from functions.datasets.model.cells import Value
from functions.datasets.model.dataset import Record, Snapshot, Stored
from functions.datasets.model.filters import Condition
from functions.kit.contract.columns import Column

T = TypeVar("T")

# Names one state of a dataset's document: a write may be for that state alone.
Version = Any
# A moment of the store's own time: reads may be as of then.
Moment = Any


class Overtaken(Exception):  # noqa: N818 - reads as what it says
    """Somebody else changed the dataset's document meanwhile."""


class Seen(NamedTuple):
    """A dataset, the version of its document, and the moment at which it was read."""

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


class DatasetStore(Protocol):
    """Keeps datasets, which snapshots they have, and the step that is due (`model/due.py`)."""

    def create(self, dataset: Stored) -> Stored | None:
        """Add a dataset; return the one that has its id already, if any."""

    def find(self, dataset_id: str) -> Seen:
        """Return a dataset; raises NotFound."""

    def find_shown(self, dataset_id: str) -> Seen:
        """Return a dataset; raises NotFound, also when it is being deleted."""

    def find_snapshot(self, dataset_id: str, revision: int) -> Snapshot | None:
        """Return the snapshot of a revision, if it was made."""

    def page(self, limit: int, after: str | None) -> list[Stored]:
        """Return datasets in the order of their ids, but not those being deleted."""

    def naming(self, files: Collection[str]) -> set[str]:
        """Return those of some uploaded files that are a dataset's."""

    def change(self, dataset_id: str, work: Callable[[Change], T]) -> T:
        """Run `work` on a dataset in a transaction; all that it changes is written, or nothing.

        `work` may run several times.

        Raises:
            NotFound: also when it is being deleted.
            Exception: what `work` raises.
        """

    def restore_steps(self, dataset_id: str) -> Stored:
        """Write the step that is due and not kept, as of a dataset from an earlier release.

        Raises:
            NotFound: there is no such dataset, or it is being deleted.
        """

    def snapshot_paths(self, dataset_id: str) -> list[str]:
        """Return the object names of all snapshots of a dataset."""

    def remove(self, dataset_id: str, seen: Version) -> None:
        """Remove a dataset and its snapshots' documents; raises Overtaken."""


class RecordStore(Protocol):
    """Keeps the records of datasets."""

    def read(
        self,
        dataset_id: str,
        *,
        after: str | None = None,
        equal: Sequence[Condition] = (),
        moment: Moment | None = None,
        page: int = 5_000,
    ) -> Iterator[Record]:
        """Yield records in the order of their ids.

        Args:
            dataset_id: whose records.
            after: the id that the first one follows.
            equal: conditions of `==` on stored values, which all hold.
            moment: when they are as they are given; now, by default.
            page: records that are read at one go.
        """

    def get(self, dataset_id: str, record_id: str) -> Record | None:
        """Return one record, or None; raises NotFound for what cannot be an id."""

    def to_writes(
        self, dataset_id: str, rows: Iterable[tuple[int, dict[str, Value]]], /
    ) -> list[Any]:
        """Encode rows, by their numbers, as new records for `import_batch`."""

    def import_batch(
        self, dataset_id: str, writes: Sequence[Any], progress: dict[str, Any], seen: Version
    ) -> Version:
        """Write new records and the import's progress, all or nothing.

        Args:
            dataset_id: whose records.
            writes: what `to_writes` gave, `limits.BATCH` at most.
            progress: fields of the dataset, and what they become.
            seen: the version of the dataset that the progress follows from.

        Returns:
            The dataset's new version.

        Raises:
            Overtaken: the dataset was changed since; nothing was written.
        """

    def remove_batch(self, dataset_id: str, now: dt.datetime, seen: Version) -> tuple[int, Version]:
        """Remove up to `limits.BATCH` records; `seen` and errors as in `import_batch`.

        Returns:
            How many were removed, and the dataset's new version.
        """


class TableFormat(Protocol):
    """Writes records as a file of a table (`adapters/parquet.py`)."""

    MEDIA_TYPE: str

    def write(
        self, file: IO[bytes], columns: Sequence[Column], rows: Iterable[dict[str, Value]]
    ) -> int:
        """Write rows, in order, into an open file; return how many there were."""
