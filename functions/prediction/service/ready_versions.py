"""Versions that are ready to answer: a bounded number of bytes of them."""

import threading
import time
from collections.abc import Callable, Hashable
from typing import Generic, Protocol, TypeVar

from cachetools import LRUCache, TTLCache


class Sized(Protocol):
    """What takes up room.

    Attributes:
        size: bytes of memory.
    """

    size: int


K = TypeVar("K", bound=Hashable)
V = TypeVar("V", bound=Sized)

STRIPES = 16
BROKEN_FOR = 5.0
"""Seconds for which a failure that lasts is remembered: a caller who comes again loads nothing."""
MOST_BROKEN = 1_000


class ReadyVersions(Generic[K, V]):
    """Holds what `load` gives; what was not used for longest leaves when it gets too much.

    Args:
        load: key → value; slow, and called once however many wait for it.
        limit: most bytes (`size`) held; the value in use is always held.
        lasting: what `load` raises that would not be otherwise a moment later.
        clock: seconds that never go back.
    """

    def __init__(
        self,
        load: Callable[[K], V],
        limit: int,
        lasting: tuple[type[Exception], ...] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._load = load
        self._lasting = lasting
        self._broken: TTLCache[K, Exception] = TTLCache(MOST_BROKEN, BROKEN_FOR, timer=clock)
        self._faults: LRUCache[K, str] = LRUCache(MOST_BROKEN)
        room = max(limit, 1)
        # A value too large for the room counts as all of it: it is held, and nothing beside it.
        self._held: LRUCache[K, V] = LRUCache(room, lambda value: min(value.size, room))
        self._lock = threading.Lock()
        self._loading = [threading.Lock() for _ in range(STRIPES)]

    def get(self, key: K) -> V:
        """Return the value of `key`; what `load` raises goes to the caller."""
        found = self._find(key)
        if found is not None:
            return found
        # Others are served while this one loads: only callers of a key that shares its lock wait.
        with self._loading[hash(key) % STRIPES]:
            found = self._find(key)
            return self._loaded(key) if found is None else found

    def standing(self) -> dict[K, str]:
        """Return what is held, and what could not be loaded the last time with the reason.

        The reason is empty for what is held.
        """
        with self._lock:
            return {**self._faults, **dict.fromkeys(self._held, "")}

    def _loaded(self, key: K) -> V:
        """Load the value of `key` and hold it, unless that has failed just now."""
        with self._lock:
            failure = self._broken.get(key)
        if failure is not None:
            raise failure.with_traceback(None)
        try:
            found = self._load(key)
        except self._lasting as error:
            with self._lock:
                self._broken[key] = error
                self._faults[key] = str(error)
            raise
        with self._lock:
            self._faults.pop(key, None)
            self._held[key] = found
        return found

    def _find(self, key: K) -> V | None:
        with self._lock:
            try:
                return self._held[key]
            except KeyError:
                return None
