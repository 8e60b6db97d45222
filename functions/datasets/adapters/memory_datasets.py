"""Datasets in memory, for tests without Firestore.

Each commit makes a new state, and the ones before stay: a moment is a state's number.
"""

import copy
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from itertools import islice
from typing import Any, TypeVar

from functions.datasets.model.dataset import Record, Snapshot, Stored
from functions.datasets.model.due import due_steps
from functions.datasets.service.ports import Change, Overtaken, Seen
from functions.kit.adapters.steps.memory_steps import MemorySteps
from functions.kit.contract.errors import no_room, not_found

T = TypeVar("T")


class Entry:
    """A dataset with all that lies beneath it."""

    def __init__(self, dataset: Stored, version: int) -> None:
        self.dataset = dataset
        self.version = version
        self.records: dict[str, Record] = {}
        self.snapshots: dict[int, Snapshot] = {}


class MemoryDatabase:
    """What the two stores share.

    Args:
        steps: where the steps that are due are kept.

    Attributes:
        is_full: it refuses every write.
    """

    def __init__(self, steps: MemorySteps) -> None:
        self.is_full = False
        self.steps = steps
        self._lock = steps.lock
        self._states: list[dict[str, Entry]] = [{}]

    @property
    def lock(self) -> AbstractContextManager[Any]:
        """Held from the reads of a change to its commit."""
        return self._lock

    @property
    def moment(self) -> int:
        """The number of the newest state."""
        return len(self._states) - 1

    def entry(self, dataset_id: str, moment: int | None = None) -> Entry:
        """Return a copy of what is there, or was at a moment; raises NotFound."""
        state = self._states[self.moment if moment is None else moment]
        if dataset_id not in state:
            raise not_found("dataset", dataset_id)
        return copy.deepcopy(state[dataset_id])

    def entries(self) -> list[Entry]:
        """Return copies of all there is, by id."""
        return [self.entry(dataset_id) for dataset_id in sorted(self._states[-1])]

    def guarded(self, dataset_id: str, seen: int) -> Entry:
        """As `entry`, if its version is the one that was seen; raises Overtaken."""
        found = self._states[-1].get(dataset_id)
        if found is None or found.version != seen:
            raise Overtaken
        return copy.deepcopy(found)

    def commit(self, dataset_id: str, entry: Entry | None) -> int:
        """Keep what became of a dataset, None when it is gone; return its version.

        As in Firestore, a write that changes nothing of the dataset itself leaves its version.
        """
        if self.is_full:
            raise no_room("The database is full.")
        state = dict(self._states[-1])
        before = state.pop(dataset_id, None)
        self._states.append(state)
        was, due = ([] if one is None else due_steps(one.dataset) for one in (before, entry))
        if was != due:
            self.steps.drop(was)
            self.steps.write(due)
        if entry is None:
            return self.moment
        state[dataset_id] = copy.deepcopy(entry)
        if before is None or before.dataset != entry.dataset:
            state[dataset_id].version = self.moment
        return state[dataset_id].version


class _Change:
    """The Change of one transaction, on a copy."""

    def __init__(self, entry: Entry) -> None:
        self.dataset = entry.dataset
        self._entry = entry

    def record(self, record_id: str) -> Record:
        """See Change."""
        if record_id not in self._entry.records:
            raise not_found("record", record_id)
        return self._entry.records[record_id]

    def put(self, record: Record) -> None:
        """See Change."""
        self._entry.records[record.id] = record

    def remove(self, record_id: str) -> None:
        """See Change."""
        self._entry.records.pop(record_id, None)

    def snapshot(self, revision: int) -> Snapshot | None:
        """See Change."""
        return self._entry.snapshots.get(revision)

    def put_snapshot(self, snapshot: Snapshot) -> None:
        """See Change."""
        self._entry.snapshots[snapshot.revision] = snapshot


class MemoryDatasets:
    """A DatasetStore of one process."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    def create(self, dataset: Stored) -> Stored | None:
        """See DatasetStore."""
        with self._database.lock:
            for known in self._database.entries():
                if known.dataset.id == dataset.id:
                    return known.dataset
            self._database.commit(dataset.id, Entry(dataset, 0))
            return None

    def find(self, dataset_id: str) -> Seen:
        """See DatasetStore."""
        with self._database.lock:
            entry = self._database.entry(dataset_id)
            return Seen(entry.dataset, entry.version, self._database.moment)

    def find_shown(self, dataset_id: str) -> Seen:
        """See DatasetStore."""
        seen = self.find(dataset_id)
        if seen.dataset.state == "deleting":
            raise not_found("dataset", dataset_id)
        return seen

    def find_snapshot(self, dataset_id: str, revision: int) -> Snapshot | None:
        """See DatasetStore."""
        return self._snapshots(dataset_id).get(revision)

    def page(self, limit: int, after: str | None) -> list[Stored]:
        """See DatasetStore."""
        found = (entry.dataset for entry in self._database.entries())
        shown = (one for one in found if one.state != "deleting" and one.id > (after or ""))
        return list(islice(shown, limit))

    def naming(self, files: Collection[str]) -> set[str]:
        """See DatasetStore."""
        return {entry.dataset.file for entry in self._database.entries()} & set(files)

    def change(self, dataset_id: str, work: Callable[[Change], T]) -> T:
        """See DatasetStore."""
        with self._database.lock:
            entry = self._database.entry(dataset_id)
            if entry.dataset.state == "deleting":
                raise not_found("dataset", dataset_id)
            before = copy.deepcopy(vars(entry))
            result = work(_Change(entry))
            if vars(entry) != before:
                self._database.commit(dataset_id, entry)
            return result

    def restore_steps(self, dataset_id: str) -> Stored:
        """See DatasetStore."""
        with self._database.lock:
            dataset = self.find_shown(dataset_id).dataset
            due, steps = due_steps(dataset), self._database.steps
            if due and steps.find(due) == [None]:
                steps.write(due)
            return dataset

    def snapshot_paths(self, dataset_id: str) -> list[str]:
        """See DatasetStore."""
        return [snapshot.path for snapshot in self._snapshots(dataset_id).values()]

    def remove(self, dataset_id: str, seen: Any) -> None:
        """See DatasetStore."""
        with self._database.lock:
            self._database.guarded(dataset_id, seen)
            self._database.commit(dataset_id, None)

    def _snapshots(self, dataset_id: str) -> dict[int, Snapshot]:
        entries = (one for one in self._database.entries() if one.dataset.id == dataset_id)
        return next((one.snapshots for one in entries), {})
