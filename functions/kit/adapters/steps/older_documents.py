"""Documents that an earlier release wrote, which lack the fields of lists that came after it.

No query finds what lacks a field, so they are counted: a process asks that once of each list of a
workspace, and writes them anew where some lack it. Replicas of the earlier release that still run
may write such documents after that; the next process finds them.
"""

from collections.abc import Callable, Sequence
from typing import Any

import structlog
from cachetools import FIFOCache

from functions.kit.adapters.stores.firestore import PATIENCE
from functions.kit.adapters.stores.google_clients import firestore as google_firestore
from functions.kit.contract.access.workspaces import Place

log = structlog.get_logger()

AT_ONCE = 100
"""Documents that are written in a transaction."""
MOST_SEEN = 10_000
"""Lists of workspaces that a process knows to have no older documents."""


class OlderDocuments:
    """Sees to it that documents stand in the lists of today.

    Args:
        collection: gives a workspace's.
        write_anew: writes those of some places that are there, as they are written today.
    """

    def __init__(
        self,
        collection: Callable[[str], Any],
        write_anew: Callable[[Sequence[Place]], None],
    ) -> None:
        self._collection = collection
        self._write_anew = write_anew
        self._seen: FIFOCache[tuple[str, str], bool] = FIFOCache(MOST_SEEN)

    def see_to(self, workspace: str, field: str) -> None:
        """Have all documents of a workspace the field of a list."""
        if (workspace, field) in self._seen:
            return
        collection = self._collection(workspace)
        having = collection.where(filter=google_firestore.FieldFilter(field, ">=", ""))
        if _count(having) != _count(collection):
            self._fill(workspace, field)
        self._seen[workspace, field] = True

    def _fill(self, workspace: str, field: str) -> None:
        found = self._collection(workspace).select([field]).stream(**PATIENCE)
        lacking = [Place(workspace, one.id) for one in found if field not in one.to_dict()]
        for begin in range(0, len(lacking), AT_ONCE):
            self._write_anew(lacking[begin : begin + AT_ONCE])
        log.info("older documents listed", workspace=workspace, field=field, count=len(lacking))


def _count(query: Any) -> int:
    [[found]] = query.count().get(**PATIENCE)
    return int(found.value)
