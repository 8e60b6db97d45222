"""All jobs of a workspace in outline, for lists that are searched and sorted."""

import datetime as dt
import threading
from collections.abc import Sequence

from cachetools import LRUCache

from functions.kit.contract.access.workspaces import Place
from functions.training.model.jobs import ENDED
from functions.training.model.views import JobOutline
from functions.training.service.ports import Outlined

MOST = 50_000
"""Outlines that are remembered at most, of all workspaces together: some 30 MB."""
OVERLAP = dt.timedelta(minutes=2)
"""How much earlier than another job one may say that it was made, and be written after it."""


class Outlines:
    """Knows outlines, of which those of jobs that have ended are not read again.

    What has ended changes no more, but may be removed. So each time only new jobs are read, and
    those that had not ended; and all are counted, by which removed ones are known. A list is as the
    store has it, whoever changed that.

    Args:
        store: the jobs.
    """

    def __init__(self, store: Outlined) -> None:
        self._store = store
        self._known: LRUCache[str, Sequence[JobOutline]] = LRUCache(MOST, getsizeof=_size)
        self._lock = threading.Lock()

    def of(self, workspace: str) -> Sequence[JobOutline]:
        """Return all jobs of a workspace in outline, newest first."""
        with self._lock:
            known = self._known.get(workspace)
        found = self._refreshed(workspace, known) if known else None
        if found is None:
            found = self._store.outlines(workspace)
        if _size(found) <= MOST:
            with self._lock:
                self._known[workspace] = found
        return found

    def _refreshed(
        self, workspace: str, known: Sequence[JobOutline]
    ) -> Sequence[JobOutline] | None:
        """Return what there is by now; None where some were removed that are not known to be."""
        new = self._store.outlines(workspace, known[0].created_at - OVERLAP)
        seen = {one.id for one in new}
        live = [one.id for one in known if one.state not in ENDED and one.id not in seen]
        again = self._store.outlined([Place(workspace, one) for one in live]) if live else []
        left = seen | set(live)
        found = [*new, *again, *(one for one in known if one.id not in left)]
        if len(found) != self._store.count(workspace):
            return None
        return sorted(found, key=lambda one: (one.created_at, one.id), reverse=True)


def _size(outlines: Sequence[JobOutline]) -> int:
    return len(outlines) + 1
