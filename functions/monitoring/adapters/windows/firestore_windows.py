"""Windows in Firestore: `monitors/{version}/windows/{window}`."""

import zlib
from collections.abc import Iterable, Iterator, Sequence
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
"""The field that has the rest, as JSON: nobody asks for what is inside. It is packed where it is
large: a document has room for a MiB, and a table may have a thousand columns with long names."""
SUMS = "sums"
_LARGE = 64 * 1024
"""Bytes of JSON from which on it is packed."""
_MOST, _MOST_BYTES = 400, 4 * 1024 * 1024
"""Writes in a commit, and about how large they may be together: Firestore takes 10 MiB."""
_LAST = 10**10
_Change = tuple[Any, dict[str, Any] | None]
"""Where a document is, and what it shall be; None for no more."""


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
        changes: list[_Change] = [*written, *removed]
        for some in _commits(changes):
            self._commit(some, lease)

    def _commit(self, changes: Sequence[_Change], lease: Lease | None) -> None:
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
    data = msgspec.json.encode(window)
    kept = data.decode() if len(data) < _LARGE else zlib.compress(data)
    return {ORDER: _order(window.span, window.first), SUMS: window.sums, WINDOW: kept}


def _read(found: Any) -> Window:
    kept = found.get(WINDOW)
    data = zlib.decompress(kept) if isinstance(kept, bytes) else kept
    return msgspec.json.decode(data, type=Window)


def _commits(changes: Sequence[_Change]) -> Iterator[list[_Change]]:
    """Part changes into what a commit takes."""
    some: list[_Change] = []
    size = 0
    for one in changes:
        more = 0 if one[1] is None else len(one[1][WINDOW])
        if len(some) >= _MOST or (some and size + more > _MOST_BYTES):
            yield some
            some, size = [], 0
        some.append(one)
        size += more
    if some:
        yield some
