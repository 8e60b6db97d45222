"""Tasks in memory, for tests without Firestore."""

import msgspec

from functions.kit.adapters.steps.memory_steps import MemorySteps
from functions.kit.contract.errors import not_found
from functions.kit.contract.pages import unknown_cursor
from functions.kit.contract.steps import Lease
from functions.kit.contract.workspaces import Place
from functions.prediction.model.tasks.due import due
from functions.prediction.model.tasks.task import Task
from functions.prediction.service.tasks.ports import Change


class MemoryTasks:
    """A TaskStore of one process; like Firestore it keeps what was written, not the objects.

    Args:
        steps: where the steps that are due are kept.
    """

    def __init__(self, steps: MemorySteps) -> None:
        self._kept: dict[Place, bytes] = {}
        self._steps = steps
        self._lock = steps.lock

    def create(self, task: Task) -> bool:
        """See TaskStore."""
        with self._lock:
            if task.place in self._kept:
                return False
            self._kept[task.place] = msgspec.json.encode(task)
            self._write(task)
            return True

    def find(self, place: Place) -> Task | None:
        """See TaskStore."""
        found = self._kept.get(place)
        return None if found is None else msgspec.json.decode(found, type=Task)

    def load(self, place: Place) -> Task:
        """See TaskStore."""
        found = self.find(place)
        if found is None:
            raise not_found("task", place.name)
        return found

    def update(self, place: Place, change: Change, lease: Lease | None = None) -> Task:
        """See TaskStore."""
        with self._lock:
            if lease is not None:
                self._steps.check(lease)
            before = self.load(place)
            after = change(before)
            self._kept[place] = msgspec.json.encode(after)
            if due(after) != due(before):
                self._steps.drop([due(before).step])
                self._write(after)
            return after

    def restore_step(self, place: Place) -> None:
        """See TaskStore."""
        with self._lock:
            task = self.load(place)
            if self._steps.find([due(task).step]) == [None]:
                self._write(task)

    def remove(self, place: Place, lease: Lease) -> None:
        """See TaskStore."""
        with self._lock:
            self._steps.check(lease)
            self._steps.drop([due(self.load(place)).step])
            del self._kept[place]

    def page(self, model: Place, owner: str, limit: int, after: str | None) -> list[Task]:
        """See TaskStore."""
        found = [self.load(place) for place in self._kept if place.workspace == model.workspace]
        found = [task for task in found if (task.model, task.owner) == (model.name, owner)]
        found = [task for task in found if not task.is_removed]
        found.sort(key=lambda task: (task.created_at, task.id), reverse=True)
        ids = [task.id for task in found]
        if after is not None and after not in ids:
            raise unknown_cursor()
        first = ids.index(after) + 1 if after is not None else 0
        return found[first : first + limit]

    def _write(self, task: Task) -> None:
        step, at = due(task)
        self._steps.write([step], at)
