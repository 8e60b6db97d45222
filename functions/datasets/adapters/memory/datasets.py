"""Datasets in memory, for tests without Firestore.

Each commit makes a new state, and the ones before stay for an hour: a moment is a state's number.
"""

import copy
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import AbstractContextManager
from itertools import chain, islice
from typing import Any, TypeVar

import msgspec

from functions.datasets.model.changing.changes import Part
from functions.datasets.model.dataset import Outline, Record, Snapshot, Stored
from functions.datasets.model.due import due_steps
from functions.datasets.model.imports.imports import StoredImport, due_of, schedule_step
from functions.datasets.model.made import Made
from functions.datasets.service.ports import Change, Forgotten, Overtaken, Seen
from functions.kit.adapters.steps.memory_steps import MemorySteps
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import no_room, not_found
from functions.kit.contract.ports import Clock
from functions.kit.contract.steps import Step

T = TypeVar("T")
HISTORY = 3600.0
"""Seconds for which states stay that are no more, as on Firestore."""


class Entry:
    """A dataset with all that lies beneath it."""

    def __init__(self, dataset: Stored, version: int) -> None:
        self.dataset = dataset
        self.version = version
        self.records: dict[str, Record] = {}
        self.snapshots: dict[int, Snapshot] = {}
        self.requests: dict[str, Made] = {}
        self.uploads: dict[str, Made] = {}
        self.changes: dict[str, Part] = {}
        self.imports: dict[str, StoredImport] = {}

    @property
    def due(self) -> list[Step]:
        """What is to be done for it and its imports to get on."""
        imports = (due_of(one) for one in self.imports.values())
        return [*due_steps(self.dataset), *chain.from_iterable(imports)]


class MemoryDatabase:
    """What the two stores share.

    Args:
        steps: where the steps that are due are kept.
        clock: tells which states are forgotten; without, none is.

    Attributes:
        is_full: it refuses every write.
    """

    def __init__(self, steps: MemorySteps, clock: Clock | None = None) -> None:
        self.is_full = False
        self.steps = steps
        self._lock = steps.lock
        self._states: list[dict[Place, Entry]] = [{}]
        self._clock = clock
        self._replaced: list[float] = []

    @property
    def lock(self) -> AbstractContextManager[Any]:
        """Held from the reads of a change to its commit."""
        return self._lock

    @property
    def moment(self) -> int:
        """The number of the newest state."""
        return len(self._states) - 1

    def entry(self, place: Place, moment: int | None = None) -> Entry:
        """Return a copy of what is there, or was at a moment; raises NotFound, Forgotten.

        Nobody commits meanwhile: threads that read see one whole state, as of Firestore.
        """
        with self._lock:
            if moment is not None and self._is_forgotten(moment):
                raise Forgotten
            state = self._states[self.moment if moment is None else moment]
            if place not in state:
                raise not_found("dataset", place.name)
            return copy.deepcopy(state[place])

    def _is_forgotten(self, moment: int) -> bool:
        if self._clock is None or moment == self.moment:
            return False
        return self._clock.monotonic() - self._replaced[moment] > HISTORY

    def entries(self, workspace: str) -> list[Entry]:
        """Return copies of all there is in a workspace, by id."""
        with self._lock:
            places = sorted(place for place in self._states[-1] if place.workspace == workspace)
            return [self.entry(place) for place in places]

    def guarded(self, place: Place, seen: int) -> Entry:
        """As `entry`, if its version is the one that was seen; raises Overtaken."""
        found = self._states[-1].get(place)
        if found is None or found.version != seen:
            raise Overtaken
        return copy.deepcopy(found)

    def commit(self, place: Place, entry: Entry | None) -> int:
        """Keep what became of a dataset, None when it is gone; return its version.

        As in Firestore, a write that changes nothing of the dataset itself leaves its version.
        """
        if self.is_full:
            raise no_room("The database is full.")
        state = dict(self._states[-1])
        before = state.pop(place, None)
        version = len(self._states)
        if entry is not None:
            state[place] = copy.deepcopy(entry)
            if before is None or before.dataset != entry.dataset:
                state[place].version = version
            version = state[place].version
        # Whole before it is there: states never change.
        self._states.append(state)
        self._replaced.append(0.0 if self._clock is None else self._clock.monotonic())
        self._turn(before, entry)
        self._schedule(before, entry)
        return version

    def _turn(self, before: Entry | None, entry: Entry | None) -> None:
        was, due = ([] if one is None else one.due for one in (before, entry))
        self.steps.drop(step for step in was if step not in due)
        self.steps.write(step for step in due if step not in was)

    def _schedule(self, before: Entry | None, entry: Entry | None) -> None:
        was, now = (one.dataset.schedule if one else None for one in (before, entry))
        of = entry or before
        if of is None or (was == now and of.dataset.state != "deleting"):
            return
        step = [schedule_step(of.dataset.place)]
        if now is None or of.dataset.state == "deleting":
            self.steps.drop(step)
        else:
            self.steps.write(step, now.next_at)


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

    def made(self, request: str) -> Made | None:
        """See Change."""
        return self._entry.requests.get(request)

    def note(self, made: Made) -> None:
        """See Change."""
        self._entry.requests[made.request] = made

    def log(self, part: Part) -> None:
        """See Change."""
        self._entry.changes[part.id] = part

    def find_import(self, number: str) -> StoredImport:
        """See Change."""
        return import_of(self._entry, number)

    def put_import(self, found: StoredImport) -> None:
        """See Change."""
        self._entry.imports[found.id] = found

    def wait_for_schedule(self) -> None:
        """See Change; `commit` does it with each change of the schedule."""


class MemoryDatasets:
    """A DatasetStore of one process."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    def create(self, dataset: Stored, made: Made | None = None) -> Stored | None:
        """See DatasetStore."""
        with self._database.lock:
            entries = {
                entry.dataset.id: entry for entry in self._database.entries(dataset.workspace)
            }
            existing = entries.get(dataset.id)
            entry = existing or Entry(dataset, 0)
            if made:
                _check(made, entries.values())
            if made and entry.dataset.holds(dataset.sha256):
                entry.uploads[made.request] = made
            if existing is None or made:
                self._database.commit(dataset.place, entry)
            return existing.dataset if existing else None

    def find(self, place: Place) -> Seen:
        """See DatasetStore."""
        with self._database.lock:
            entry = self._database.entry(place)
            moment = entry.dataset.moment
            return Seen(
                entry.dataset, entry.version, self._database.moment if moment is None else moment
            )

    def find_shown(self, place: Place) -> Seen:
        """See DatasetStore."""
        seen = self.find(place)
        if seen.dataset.state == "deleting":
            raise not_found("dataset", place.name)
        return seen

    def find_snapshot(self, place: Place, revision: int) -> Snapshot | None:
        """See DatasetStore."""
        return self._snapshots(place).get(revision)

    def page(self, workspace: str, limit: int, after: str | None) -> list[Stored]:
        """See DatasetStore."""
        found = (entry.dataset for entry in self._database.entries(workspace))
        shown = (one for one in found if one.state != "deleting" and one.id > (after or ""))
        return list(islice(shown, limit))

    def outlines(self, workspace: str, limit: int, after: str | None) -> list[Outline]:
        """See DatasetStore."""
        found = self.page(workspace, limit, after)
        return [msgspec.convert(one, Outline, from_attributes=True) for one in found]

    def several(self, places: Sequence[Place]) -> list[Stored]:
        """See DatasetStore."""
        there = {one.id: one for place in places for one in self.page(place.workspace, 10**6, None)}
        return [there[place.name] for place in places if place.name in there]

    def naming(self, workspace: str, files: Collection[str]) -> set[str]:
        """See DatasetStore."""
        return {entry.dataset.file for entry in self._database.entries(workspace)} & set(files)

    def change(self, place: Place, work: Callable[[Change], T]) -> T:
        """See DatasetStore."""
        with self._database.lock:
            entry = self._database.entry(place)
            if entry.dataset.state == "deleting":
                raise not_found("dataset", place.name)
            before = copy.deepcopy(vars(entry))
            result = work(_Change(entry))
            if vars(entry) != before:
                self._database.commit(place, entry)
            return result

    def restore_steps(self, place: Place) -> Stored:
        """See DatasetStore."""
        with self._database.lock:
            dataset = self.find_shown(place).dataset
            due, steps = due_steps(dataset), self._database.steps
            if due and steps.find(due) == [None]:
                steps.write(due)
            return dataset

    def snapshot_paths(self, place: Place) -> list[str]:
        """See DatasetStore."""
        return [snapshot.path for snapshot in self._snapshots(place).values()]

    def remove(self, place: Place, seen: Any) -> None:
        """See DatasetStore."""
        with self._database.lock:
            self._database.guarded(place, seen)
            self._database.commit(place, None)

    def _snapshots(self, place: Place) -> dict[int, Snapshot]:
        entries = self._database.entries(place.workspace)
        return next((one.snapshots for one in entries if one.dataset.id == place.name), {})


def import_of(entry: Entry, number: str) -> StoredImport:
    """Return an import of what is there; raises NotFound."""
    if number not in entry.imports:
        raise not_found("import", number, entry.dataset.id)
    return entry.imports[number]


def _check(made: Made, entries: Iterable[Entry]) -> None:
    """Raise Conflict when a request's key was for another upload."""
    for entry in entries:
        made.check(entry.uploads.get(made.request))
