"""Things that steps work at, in memory, for tests without Firestore."""

from collections.abc import Callable, Mapping, Sequence
from typing import Generic

import msgspec

from functions.kit.adapters.steps.memory_steps import MemorySteps
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import not_found
from functions.kit.contract.requests.pages import unknown_cursor
from functions.kit.contract.stepped import Kind, Stepped, T
from functions.kit.contract.steps import Lease


class MemoryStepped(Generic[T]):
    """A SteppedStore of one process; like Firestore it keeps what was written, not the objects.

    Args:
        kind: of the things.
        steps: where the steps that are due are kept.
    """

    def __init__(self, kind: Kind[T], steps: MemorySteps) -> None:
        self._kind = kind
        self._kept: dict[Place, bytes] = {}
        self._steps = steps
        self._lock = steps.lock

    def create(self, thing: T) -> bool:
        """See SteppedStore."""
        with self._lock:
            if thing.place in self._kept:
                return False
            self.write(thing)
            return True

    def write(self, thing: T, was: T | None = None) -> None:
        """Write one within a change of another store, which holds the steps' lock."""
        self._kept[thing.place] = msgspec.json.encode(thing)
        self._steps.turn(self._kind.due(was) if was is not None else [], self._kind.due(thing))

    def find(self, place: Place) -> T | None:
        """See SteppedStore."""
        found = self._kept.get(place)
        return None if found is None else msgspec.json.decode(found, type=self._kind.type)

    def load(self, place: Place) -> T:
        """See SteppedStore."""
        found = self.find(place)
        if found is None:
            raise not_found(self._kind.noun, place.name)
        return found

    def update(self, place: Place, change: Callable[[T], T], lease: Lease | None = None) -> T:
        """See SteppedStore."""
        with self._lock:
            if lease is not None:
                self._steps.check(lease)
            before = self.load(place)
            after = change(before)
            self.write(after, before)
            return after

    def restore_steps(self, place: Place) -> T:
        """See SteppedStore."""
        with self._lock:
            thing = self.load(place)
            self._steps.restore(self._kind.due(thing))
            return thing

    def remove(self, place: Place, lease: Lease) -> None:
        """See SteppedStore."""
        with self._lock:
            self._steps.check(lease)
            self._steps.turn(self._kind.due(self.load(place)), [])
            del self._kept[place]

    def page(
        self, workspace: str, of: Sequence[str], limit: int, after: str | None, by: str = ""
    ) -> list[T]:
        """See SteppedStore."""
        list_of = self._kind.lists[by] if by else self._kind.list_of
        found = sorted(self.all(workspace), key=_order)
        found = [one for one in found if [*list_of(one)] == [*of]]
        if after is not None:
            last = self.find(Place(workspace, after))
            if last is None or not (by or last in found):
                raise unknown_cursor()
            found = [one for one in found if _order(one) > _order(last)]
        return found[:limit]

    def count(self, workspace: str, values: Mapping[str, str]) -> int:
        """See SteppedStore."""
        wanted = values.items()
        every = self.all(workspace)
        return sum(all(getattr(one, name) == value for name, value in wanted) for one in every)

    def open(self, workspace: str, owner: str, most: int) -> int:
        """See SteppedStore."""
        if not owner:
            return 0
        found = [one for one in self.all(workspace) if self._kind.open_of(one) == owner]
        return min(len(found), most)

    def kept(self, workspace: str, owner: str, most: int) -> int:
        """See SteppedStore."""
        kept_of = self._kind.kept_of
        if not owner or kept_of is None:
            return 0
        found = [one for one in self.all(workspace) if kept_of(one) == owner]
        return min(len(found), most)

    def all(self, workspace: str) -> list[T]:
        """Return all of a workspace, those made first first."""
        with self._lock:
            return [self.load(place) for place in self._kept if place.workspace == workspace]


def _order(thing: Stepped) -> tuple[float, str]:
    return -thing.created_at.timestamp(), thing.id
