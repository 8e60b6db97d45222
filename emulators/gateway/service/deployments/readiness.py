"""Which revisions have been ready: one that was stays so while it is scaled to zero and back."""

from emulators.gateway.model.revision import Revision


class Readiness:
    """Remembers the revisions that had a replica.

    Args:
        since: Unix time at which this gateway began. What was deployed before counts as ready: an
            earlier gateway ran it.
    """

    def __init__(self, since: float) -> None:
        self._since = since
        self._ready: set[tuple[str, str, float]] = set()

    def started(self, revision: Revision) -> None:
        """Note that a replica of a revision answers."""
        self._ready.add(_key(revision))

    def ever(self, revision: Revision) -> bool:
        """Tell whether a revision has been ready."""
        return revision.created_at < self._since or _key(revision) in self._ready


def _key(revision: Revision) -> tuple[str, str, float]:
    return revision.namespace, revision.name, revision.created_at
