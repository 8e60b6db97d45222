"""Batches in memory, for tests without Firestore."""

import msgspec

from functions.kit.adapters.steps.memory_steps import MemorySteps
from functions.kit.contract.errors import not_found
from functions.kit.contract.pages import unknown_cursor
from functions.kit.contract.steps import Lease
from functions.kit.contract.workspaces import Place
from functions.prediction.model.batches.batch import Batch
from functions.prediction.model.batches.due import due_steps
from functions.prediction.service.batches.ports import Change


class MemoryBatches:
    """A BatchStore of one process; like Firestore it keeps what was written, not the objects.

    Args:
        steps: where the steps that are due are kept.
    """

    def __init__(self, steps: MemorySteps) -> None:
        self._kept: dict[Place, bytes] = {}
        self._steps = steps
        self._lock = steps.lock

    def create(self, batch: Batch) -> bool:
        """See BatchStore."""
        with self._lock:
            if batch.place in self._kept:
                return False
            self._kept[batch.place] = msgspec.json.encode(batch)
            self._steps.write(due_steps(batch))
            return True

    def find(self, place: Place) -> Batch | None:
        """See BatchStore."""
        found = self._kept.get(place)
        return None if found is None else msgspec.json.decode(found, type=Batch)

    def load(self, place: Place) -> Batch:
        """See BatchStore."""
        found = self.find(place)
        if found is None:
            raise not_found("batch", place.name)
        return found

    def update(self, place: Place, change: Change, lease: Lease | None = None) -> Batch:
        """See BatchStore."""
        with self._lock:
            if lease is not None:
                self._steps.check(lease)
            before = self.load(place)
            after = change(before)
            self._kept[place] = msgspec.json.encode(after)
            was, due = due_steps(before), due_steps(after)
            self._steps.drop(step for step in was if step not in due)
            self._steps.write(step for step in due if step not in was)
            return after

    def restore_steps(self, place: Place) -> Batch:
        """See BatchStore."""
        with self._lock:
            batch = self.load(place)
            due = due_steps(batch)
            kept = zip(due, self._steps.find(due), strict=True)
            self._steps.write(step for step, found in kept if found is None)
            return batch

    def remove(self, place: Place, lease: Lease) -> None:
        """See BatchStore."""
        with self._lock:
            self._steps.check(lease)
            self._steps.drop(due_steps(self.load(place)))
            del self._kept[place]

    def page(self, model: Place, limit: int, after: str | None) -> list[Batch]:
        """See BatchStore."""
        found = [self.load(place) for place in self._kept if place.workspace == model.workspace]
        found = [batch for batch in found if batch.model == model.name]
        found.sort(key=lambda batch: (batch.created_at, batch.id), reverse=True)
        ids = [batch.id for batch in found]
        if after is not None and after not in ids:
            raise unknown_cursor()
        first = ids.index(after) + 1 if after is not None else 0
        return found[first : first + limit]
