"""Windows in Firestore: `monitors/{version}/windows/{window}`."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from functions.kit.adapters.steps.firestore_steps import FirestoreSteps
from functions.kit.adapters.stores import firestore
from functions.kit.adapters.stores.client_errors import translated
from functions.kit.adapters.stores.firestore import PATIENCE
from functions.kit.adapters.stores.google_clients import firestore as google_firestore
from functions.kit.contract.access import workspaces
from functions.kit.contract.steps import Lease
from functions.monitoring.model.windows.monitor import MONITORS, place_of
from functions.monitoring.model.windows.window import Monitored, Span, Window

WINDOWS = "windows"
ORDER = "order"
"""The field that says a window's span and when it begins: no index of several is needed."""
WINDOW = "window"
"""The field that has the rest, as JSON: nobody asks for what is inside."""
SUMS = "sums"
_MOST = 400
"""Writes in a commit."""
_LAST = 10**10


class FirestoreWindows:
    """The Windows that are documents.

    Args:
        steps: where the steps are kept under whose leases windows are.
    """

    def __init__(self, steps: FirestoreSteps) -> None:
        self._steps = steps

    def store(
        self,
        of: Monitored,
        windows: Sequence[Window],
        gone: Sequence[str] = (),
        lease: Lease | None = None,
    ) -> None:
        """See Windows."""
        collection = _collection(of)
        written = [(collection.document(one.id), _document(one)) for one in windows]
        removed = [(collection.document(name), None) for name in gone]
        changes = [*written, *removed]
        for first in range(0, len(changes), _MOST):
            self._commit(changes[first : first + _MOST], lease)

    def _commit(
        self, changes: Sequence[tuple[Any, dict[str, Any] | None]], lease: Lease | None
    ) -> None:
        """Write documents at once, and remove those that are None, while the lease holds."""

        def work(transaction: Any) -> None:
            if lease is not None:
                held = self._steps.reference(lease.step)
                self._steps.check(held.get(transaction=transaction, **PATIENCE), lease)
            for place, document in changes:
                if document is None:
                    transaction.delete(place)
                else:
                    transaction.set(place, document)

        firestore.transact(work)

    @translated()
    def find(self, of: Monitored, windows: Sequence[str]) -> dict[str, Window]:
        """See Windows."""
        if not windows:
            return {}
        collection = _collection(of)
        places = [collection.document(name) for name in windows]
        found = firestore.client().get_all(places, **PATIENCE)
        return {one.id: _read(one) for one in found if one.exists}

    @translated()
    def last(self, of: Monitored, span: Span, most: int, before: int | None = None) -> list[Window]:
        """See Windows."""
        query = _between(of, span, 0, before)
        newest = query.order_by(ORDER, direction=google_firestore.Query.DESCENDING).limit(most)
        return [_read(one) for one in newest.stream(**PATIENCE)][::-1]

    @translated()
    def first(
        self, of: Monitored, span: Span, most: int, since: int = 0, before: int | None = None
    ) -> list[Window]:
        """See Windows."""
        query = _between(of, span, since, before).order_by(ORDER).limit(most)
        return [_read(one) for one in query.stream(**PATIENCE)]

    def clear(self, of: Monitored, lease: Lease | None = None) -> list[str]:
        """See Windows."""
        found = self._all(of)
        self.store(of, [], [name for name, _ in found], lease)
        return [sums for _, sums in found if sums]

    @translated()
    def _all(self, of: Monitored) -> list[tuple[str, str]]:
        found: Iterable[Any] = _collection(of).select([SUMS]).stream(**PATIENCE)
        return [(one.id, one.get(SUMS)) for one in found]


def _collection(of: Monitored) -> Any:
    place = place_of(of)
    monitors = firestore.client().collection(workspaces.path(place.workspace, MONITORS))
    return monitors.document(place.name).collection(WINDOWS)


def _between(of: Monitored, span: Span, since: int, before: int | None) -> Any:
    query = _collection(of).where(
        filter=google_firestore.FieldFilter(ORDER, ">=", _order(span, since))
    )
    end = _order(span, _LAST if before is None else before)
    return query.where(filter=google_firestore.FieldFilter(ORDER, "<", end))


def _order(span: Span, first: int) -> str:
    return f"{span}/{first:010d}"


def _document(window: Window) -> dict[str, Any]:
    text = msgspec.json.encode(window).decode()
    return {ORDER: _order(window.span, window.first), SUMS: window.sums, WINDOW: text}


def _read(found: Any) -> Window:
    return msgspec.json.decode(found.get(WINDOW), type=Window)
