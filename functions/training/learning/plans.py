"""Plans that were made already: the steps of a job that one process does share theirs."""

import threading
from collections.abc import Callable

import msgspec
from cachetools import LRUCache

from functions.training.learning.plan import Plan
from functions.training.model.requests.spec import TrainingSpec

# Of arrays; a larger plan is kept alone.
MOST_BYTES = 256 << 20

_Key = tuple[str, bytes, int | None]


class Plans:
    """Keeps the plans used last, by what they follow from: a snapshot, a request, most rows."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._lock = threading.Lock()
        self._held: LRUCache[_Key, Plan] = LRUCache(most_bytes, self._size)

    def of(
        self, snapshot: str, spec: TrainingSpec, make: Callable[[], Plan], most: int | None = None
    ) -> Plan:
        """Return the plan of a snapshot, by its object name, which is never used again.

        Two threads that ask for the same plan at once may each make it.
        """
        key = (snapshot, _told(spec), most)
        with self._lock:
            found = self._held.get(key)
        if found is None:
            found = make()
            with self._lock:
                self._held[key] = found
        return found

    def has(self, snapshot: str, spec: TrainingSpec, most: int | None = None) -> bool:
        """Tell whether a plan is kept now."""
        with self._lock:
            return (snapshot, _told(spec), most) in self._held

    def _size(self, made: Plan) -> int:
        whole = 0 if made.whole is None else made.whole.nbytes
        held = sum(rows.nbytes for rows in (made.train, made.held_out))
        return min(held + whole, self._most)


def _told(spec: TrainingSpec) -> bytes:
    """Return what of a request shapes its plan."""
    return msgspec.json.encode([getattr(spec, name) for name in TrainingSpec.__struct_fields__])
