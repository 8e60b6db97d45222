"""How models' windows are compared, in Firestore (`comparisons/{model}`), and in memory."""

from typing import Any

import msgspec

from functions.kit.adapters.stores import firestore
from functions.kit.adapters.stores.client_errors import translated
from functions.kit.contract.access.workspaces import Place, path
from functions.monitoring.model.drift.comparison import Kept

COMPARISONS = "comparisons"


class FirestoreComparisons:
    """Comparisons that are documents."""

    @translated()
    def find(self, model: Place) -> Kept | None:
        """See Comparisons."""
        found = _reference(model).get(**firestore.PATIENCE)
        return msgspec.convert(firestore.plain(found.to_dict()), Kept) if found.exists else None

    @translated()
    def keep(self, model: Place, kept: Kept) -> None:
        """See Comparisons."""
        _reference(model).set(msgspec.to_builtins(kept), **firestore.PATIENCE)


class MemoryComparisons:
    """Comparisons of one process, for tests without Firestore."""

    def __init__(self) -> None:
        self._kept: dict[Place, Kept] = {}

    def find(self, model: Place) -> Kept | None:
        """See Comparisons."""
        return self._kept.get(model)

    def keep(self, model: Place, kept: Kept) -> None:
        """See Comparisons."""
        self._kept[model] = kept


def _reference(model: Place) -> Any:
    return firestore.client().collection(path(model.workspace, COMPARISONS)).document(model.name)
