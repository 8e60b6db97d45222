"""Versions that are ready to answer: a bounded number of bytes of them."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, Protocol, TypeVar


class Sized(Protocol):
    """What takes up room."""

    size: int


K = TypeVar("K", bound=Hashable)
V = TypeVar("V", bound=Sized)

STRIPES = 16


class Warm(Generic[K, V]):
    """Holds what `load` gives; what was not used for longest leaves when it gets too much.

    Args:
        load: key → value; slow, and called once however many wait for it.
        limit: most bytes (`size`) held; the value in use is always held.
    """

    def __init__(self, load: Callable[[K], V], limit: int) -> None:
        self._load = load
        self._limit = limit
        self._held: OrderedDict[K, V] = OrderedDict()
        self._size = 0
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
            if found is None:
                found = self._load(key)
                self._hold(key, found)
            return found

    def keys(self) -> list[K]:
        """Return what is held, the longest unused first."""
        with self._lock:
            return list(self._held)

    def _find(self, key: K) -> V | None:
        with self._lock:
            found = self._held.get(key)
            if found is not None:
                self._held.move_to_end(key)
            return found

    def _hold(self, key: K, value: V) -> None:
        with self._lock:
            self._held[key] = value
            self._size += value.size
            while self._size > self._limit and len(self._held) > 1:
                _, gone = self._held.popitem(last=False)
                self._size -= gone.size
