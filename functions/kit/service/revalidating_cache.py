"""Remembers what a slow source said, and keeps it fresh behind the callers' backs."""

import threading
from collections.abc import Callable, Collection, Hashable, Sequence
from concurrent.futures import Executor
from typing import Generic, TypeVar

import structlog
from cachetools import FIFOCache

log = structlog.get_logger()

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

# Seconds. A change at the source reaches every caller within two of them: a value that old is read
# again in the background, and one of MAX_AGE is given to nobody any more.
REVALIDATE_AFTER = 0.8
MAX_AGE = 1.8
CONFIRMED_WITHIN = 30.0
"""Seconds since a value was known for which `unchanged` may say that it still is."""
STRIPES = 16


class _Entry(Generic[V]):
    __slots__ = ("checked_at", "known_at", "refreshing", "value")

    def __init__(self, value: V, checked_at: float, known_at: float) -> None:
        self.value = value
        self.checked_at = checked_at
        self.known_at = known_at  # when the source last said so
        self.refreshing = False


class RevalidatingCache(Generic[K, V]):
    """A cache of what `load` gives.

    Args:
        load: key → value; what it raises goes to the caller and is not remembered.
        away: what `load` raises when the source cannot tell: a remembered value is then kept.
        background: runs refreshes.
        clock: seconds that never go back (`Clock.monotonic`): each look asks for them.
        size: most values remembered; what was read longest ago makes room.
        revalidate_after: seconds after which a value is read again in the background.
        max_age: seconds after which nobody is given a value that was not read again.
        kept_for: seconds for which a value counts at most while the source is away; None for ever.
        unchanged: a key whose value is to be read again, and all keys whose values were known
            within CONFIRMED_WITHIN → those of them whose values are what they were: to ask of many
            at once. May raise what `away` has.
    """

    def __init__(
        self,
        load: Callable[[K], V],
        away: tuple[type[Exception], ...],
        background: Executor,
        *,
        clock: Callable[[], float],
        size: int = 10_000,
        revalidate_after: float = REVALIDATE_AFTER,
        max_age: float = MAX_AGE,
        kept_for: float | None = None,
        unchanged: Callable[[K, Sequence[K]], Collection[K]] | None = None,
    ) -> None:
        self._load = load
        self._away = away
        self._background = background
        self._clock = clock
        self._revalidate_after = revalidate_after
        self._max_age = max_age
        self._kept_for = kept_for
        self._unchanged = unchanged
        self._entries: FIFOCache[K, _Entry[V]] = FIFOCache(size)
        self._changing = threading.Lock()
        self._reading = [threading.Lock() for _ in range(STRIPES)]

    def get(self, key: K) -> V:
        """Return the value of `key`, at most `max_age` seconds old unless the source is away."""
        entry = self._known(key)
        if entry is None:
            return self._read(key)
        age = self._clock() - entry.checked_at
        if age >= self._max_age:
            return self._read(key)
        if age >= self._revalidate_after and not entry.refreshing:
            entry.refreshing = True
            self._background.submit(self._refresh, key, entry)
        return entry.value

    def __contains__(self, key: K) -> bool:
        """Tell whether a value of `key` is remembered, of whatever age."""
        return key in self._entries

    def _known(self, key: K) -> _Entry[V] | None:
        try:
            return self._entries[key]  # reading leaves the order as it is, so it takes no lock
        except KeyError:
            return None

    def _read(self, key: K) -> V:
        """Ask the source while the caller waits; callers of one key ask once together."""
        asked_at = self._clock()
        with self._reading[hash(key) % STRIPES]:
            entry = self._known(key)
            if entry is not None and entry.checked_at >= asked_at:
                return entry.value
            return self._ask(key, entry)

    def _refresh(self, key: K, entry: _Entry[V]) -> None:
        try:
            if not self._is_confirmed(key, entry):
                self._ask(key, entry)
        except Exception as error:  # noqa: BLE001 - the next caller meets it and is told
            log.warning("not refreshed", key=str(key), error=str(error))
        finally:
            entry.refreshing = False

    def _is_confirmed(self, key: K, entry: _Entry[V]) -> bool:
        """Tell whether a value is what it was, after asking that of all at once where one can."""
        asked_at = self._clock()
        if self._unchanged is None:
            return False
        if asked_at - entry.checked_at < self._revalidate_after:  # while this waited for its turn
            return True
        with self._changing:
            known = {
                one: found
                for one, found in self._entries.items()
                if asked_at - found.known_at < CONFIRMED_WITHIN
            }
        try:
            same = self._unchanged(key, [*known])
        except self._away:
            return False
        for one in same:
            known[one].checked_at = known[one].known_at = asked_at
        return key in same

    def _ask(self, key: K, known: _Entry[V] | None) -> V:
        asked_at = self._clock()
        kept = None
        try:
            value = self._load(key)
        except self._away as error:
            if known is None or self._is_too_old(known):
                raise
            log.warning("kept what is known", key=str(key), error=str(error))
            value = known.value
            kept = _Entry(value, self._clock(), known.known_at)
        except Exception:
            with self._changing:
                self._entries.pop(key, None)
            raise
        # The value may have changed right after it was asked for, so it counts from then; but
        # while the source is away each answer takes long, and the callers must not wait for it.
        entry = kept or _Entry(value, asked_at, asked_at)
        with self._changing:
            newest = self._known(key)
            if newest is not None and newest.checked_at > asked_at:
                return newest.value  # a refresh that took long must not bring an older answer back
            self._entries[key] = entry
        return value

    def _is_too_old(self, entry: _Entry[V]) -> bool:
        """Tell whether a value that is kept once more might be given longer than it counts."""
        if self._kept_for is None:
            return False
        return self._clock() - entry.known_at + self._max_age > self._kept_for
