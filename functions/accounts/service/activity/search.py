"""Searches activity, the newest line first, a page at a time."""

from typing import NamedTuple

from functions.accounts.model.activity import Filters, Kept, Key
from functions.accounts.model.activity_files import LineFile, workspace_prefix
from functions.accounts.service.activity.ports import LineFiles
from functions.kit.contract.errors import Away
from functions.kit.contract.ports import Clock

SECONDS = 2.0
"""After which a page is given as it is: a rare line may be many pages away."""
_TRIES = 5
_NEVER = 1 << 62


class Found(NamedTuple):
    """A page: its lines, and the key that the lines of the next one are before."""

    lines: list[Kept]
    before: Key | None


class Search:
    """Finds lines.

    In memory are one file and a page at a time.

    Args:
        files: where lines are kept.
        clock: tells how long a search takes.
    """

    def __init__(self, files: LineFiles, clock: Clock) -> None:
        self._files = files
        self._clock = clock

    def page(self, filters: Filters, before: Key | None, limit: int) -> Found:
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
        raise Away("The files of activity kept changing; ask again.")

    def _page(self, filters: Filters, before: Key | None, limit: int) -> Found:
        end = self._clock.monotonic() + SECONDS
        found: dict[Key, Kept] = {}
        gone_on = False  # past what pages before this one have read
        for file in self._candidates(filters, before):
            if len(found) > limit and file.last < min(found).at:
                break
            if gone_on and self._clock.monotonic() >= end:
                return _as_far_as(found, file.last, limit)
            gone_on = gone_on or before is None or file.last < before.at
            read = self._files.read(file, filters, before, limit + 1)
            found = _newest(found | {line.order: line for line in read}, limit + 1)
        return _page_of(found, limit)

    def _candidates(self, filters: Filters, before: Key | None) -> list[LineFile]:
        """Return the files in which such lines may be; that with the latest line first."""
        since = filters.since or 0
        until = min(filters.until or _NEVER, before.at + 1 if before else _NEVER)
        files = self._files.listed(workspace_prefix(filters.workspace))
        meant = [one for one in files if one.last >= since and one.first < until]
        return sorted(meant, key=lambda file: file.last, reverse=True)


def _newest(lines: dict[Key, Kept], most: int) -> dict[Key, Kept]:
    return {key: lines[key] for key in sorted(lines, reverse=True)[:most]}


def _page_of(found: dict[Key, Kept], limit: int) -> Found:
    keys = list(found)[:limit]
    return Found([found[key] for key in keys], keys[-1] if len(found) > limit else None)


def _as_far_as(found: dict[Key, Kept], unread: int, limit: int) -> Found:
    """Return what is newer than all that was not read, and go on with that."""
    sure = {key: line for key, line in found.items() if key.at > unread}
    whole = _page_of(sure, limit)
    return whole if whole.before else Found(whole.lines, Key(unread + 1, "", 0))
