"""Searches lines that are kept in files by the hour: the newest first, a page at a time."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from functions.kit.contract.errors import Away
from functions.kit.contract.ports import Clock
from functions.kit.contract.telemetry.hourly import HourFile

SECONDS = 2.0
"""After which a page is given as it is: a rare line may be many pages away."""
_TRIES = 5
_NEVER = 1 << 62


class Key(Protocol):
    """What lines are ordered by; no two have the same one."""

    @property
    def at(self) -> int:
        """Microseconds since 1970: what comes first in the order."""

    def __lt__(self, other: Any, /) -> bool: ...


class Line(Protocol):
    """What is searched for."""

    @property
    def order(self) -> Any:
        """What it is ordered by."""


class Filters(Protocol):
    """Which lines are meant."""

    @property
    def since(self) -> int | None:
        """Microseconds since 1970, the first that counts."""

    @property
    def until(self) -> int | None:
        """The first that does not count any more."""


K = TypeVar("K", bound=Key)
L = TypeVar("L", bound=Line)
F = TypeVar("F", bound=HourFile)
Q = TypeVar("Q", bound=Filters)
K_contra = TypeVar("K_contra", bound=Key, contravariant=True)
L_co = TypeVar("L_co", bound=Line, covariant=True)
Q_contra = TypeVar("Q_contra", bound=Filters, contravariant=True)


class Files(Protocol[F, Q_contra, K_contra, L_co]):
    """Where the lines are."""

    def listed(self, prefix: str) -> Iterable[F]:
        """Return the files whose names begin so."""

    def read(
        self, file: F, filters: Q_contra, before: K_contra | None, most: int
    ) -> Sequence[L_co]:
        """Return the newest lines of a file that are meant and older than `before`, newest first.

        Raises:
            FileNotFoundError: it was merged into another.
        """


class Found(NamedTuple, Generic[L, K]):
    """A page: its lines, and the key that the lines of the next one are before."""

    lines: list[L]
    before: K | None


class LineSearch(Generic[F, Q, K, L]):
    """Finds lines.

    In memory are one file and a page at a time.

    Args:
        files: where lines are kept.
        clock: tells how long a search takes.
        prefix: filters → what the names of files begin with in which such lines may be.
        least: microseconds → the first key of that time.
    """

    def __init__(
        self,
        files: Files[F, Q, K, L],
        clock: Clock,
        prefix: Callable[[Q], str],
        least: Callable[[int], K],
    ) -> None:
        self._files = files
        self._clock = clock
        self._prefix = prefix
        self._least = least

    def page(self, filters: Q, before: K | None, limit: int) -> Found[L, K]:
        """Return the newest lines that are meant and older than `before`, at most `limit`.

        A page may be short, or empty, and not the last: what tells the last is that it names no
        key to go on from.

        Raises:
            Away: files kept changing while they were read.
        """
        for _ in range(_TRIES):
            try:
                return self._page(filters, before, limit)
            except FileNotFoundError:
                continue  # merged into another meanwhile, which a new list names
        raise Away("The files kept changing while they were read; ask again.")

    def _page(self, filters: Q, before: K | None, limit: int) -> Found[L, K]:
        end = self._clock.monotonic() + SECONDS
        found: dict[K, L] = {}
        gone_on = False  # past what pages before this one have read
        for file in self._candidates(filters, before):
            if len(found) > limit and file.last < min(found).at:
                break
            if gone_on and self._clock.monotonic() >= end:
                return self._as_far_as(found, file.last, limit)
            gone_on = gone_on or before is None or file.last < before.at
            read = self._files.read(file, filters, before, limit + 1)
            found = _newest(found | {line.order: line for line in read}, limit + 1)
        return _page_of(found, limit)

    def _candidates(self, filters: Q, before: K | None) -> list[F]:
        """Return the files in which such lines may be; that with the latest line first."""
        since = filters.since or 0
        until = min(filters.until or _NEVER, before.at + 1 if before else _NEVER)
        files = self._files.listed(self._prefix(filters))
        meant = [one for one in files if one.last >= since and one.first < until]
        return sorted(meant, key=lambda file: file.last, reverse=True)

    def _as_far_as(self, found: dict[K, L], unread: int, limit: int) -> Found[L, K]:
        """Return what is newer than all that was not read, and go on with that."""
        sure = {key: line for key, line in found.items() if key.at > unread}
        whole = _page_of(sure, limit)
        return whole if whole.before else Found(whole.lines, self._least(unread + 1))


def _newest(lines: dict[K, L], most: int) -> dict[K, L]:
    return {key: lines[key] for key in sorted(lines, reverse=True)[:most]}


def _page_of(found: dict[K, L], limit: int) -> Found[L, K]:
    keys = list(found)[:limit]
    return Found([found[key] for key in keys], keys[-1] if len(found) > limit else None)
