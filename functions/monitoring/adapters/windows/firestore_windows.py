"""Windows in Firestore: `monitors/{version}/windows/{window}`."""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from functions.kit.adapters.steps.firestore_steps import FirestoreSteps
from functions.kit.adapters.stores import firestore
from functions.kit.adapters.stores.client_errors import translated
from functions.kit.adapters.stores.firestore import PATIENCE
from functions.kit.adapters.stores.google_clients import firestore as google_firestore
from functions.kit.contract.access import workspaces
from functions.kit.contract.steps import Lease
from functions.monitoring.model.windows.measures import (
    OF_COLUMNS,
    Named,
    Reading,
    is_of_column,
    parts,
)
from functions.monitoring.model.windows.monitor import MONITORS, place_of
from functions.monitoring.model.windows.window import Monitored, Span, Window

WINDOWS = "windows"
ORDER = "order"
"""The field that says a window's span and when it begins: no index of several is needed."""
WINDOW = "window"
"""The field that has the rest, as JSON: no query asks for what is inside."""
SUMS = "sums"
PARTS = 16
"""Of a window that is large, what was measured of its columns is in so many fields, a column's all
in one, by a hash of its name: who needs a column reads a sixteenth."""
_LARGE = 64 * 1024
"""Bytes of JSON from which on it is parted, and packed: a document has room for a MiB, and a table
may have a thousand columns with long names."""
_MOST, _MOST_BYTES = 400, 4 * 1024 * 1024
"""Writes in a commit, and about how large they may be together: Firestore takes 10 MiB."""
_LAST = 10**10
_PARTS = [f"columns_{number}" for number in range(PARTS)]
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
    def find(
        self, of: Monitored, windows: Sequence[str], measures: Named | None = None
    ) -> dict[str, Window]:
        """See Windows."""
        if not windows:
            return {}
        collection = _collection(of)
        places = [collection.document(name) for name in windows]
        found = firestore.client().get_all(places, field_paths=_fields(measures), **PATIENCE)
        return {one.id: _read(one) for one in found if one.exists}

    @translated()
    def last(
        self,
        of: Monitored,
        span: Span,
        most: int,
        before: int | None = None,
        measures: Named | None = None,
    ) -> list[Window]:
        """See Windows."""
        query = _between(of, span, 0, before, measures)
        newest = query.order_by(ORDER, direction=google_firestore.Query.DESCENDING).limit(most)
        return [_read(one) for one in newest.stream(**PATIENCE)][::-1]

    @translated()
    def first(
        self,
        of: Monitored,
        span: Span,
        most: int,
        since: int = 0,
        before: int | None = None,
        measures: Named | None = None,
    ) -> list[Window]:
        """See Windows."""
        query = _between(of, span, since, before, measures).order_by(ORDER).limit(most)
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


def _between(
    of: Monitored, span: Span, since: int, before: int | None, measures: Named | None
) -> Any:
    query = _collection(of).where(
        filter=google_firestore.FieldFilter(ORDER, ">=", _order(span, since))
    )
    end = _order(span, _LAST if before is None else before)
    query = query.where(filter=google_firestore.FieldFilter(ORDER, "<", end))
    fields = _fields(measures)
    return query if fields is None else query.select(fields)


def _fields(measures: Named | None) -> list[str] | None:
    """Return the fields in which some measures are; None for all."""
    if measures is None:
        return None
    if any(parts(one)[0] in OF_COLUMNS for one in measures if one.endswith(":")):
        return [WINDOW, *_PARTS]
    return [WINDOW, *sorted({_part(one) for one in measures if is_of_column(one)})]


def _part(measure: str) -> str:
    """Return the field that a measure of a column is in."""
    return _PARTS[zlib.crc32(parts(measure)[1].encode()) % PARTS]


def _order(span: Span, first: int) -> str:
    return f"{span}/{first:010d}"


def _document(window: Window) -> dict[str, Any]:
    about = {ORDER: _order(window.span, window.first), SUMS: window.sums}
    data = msgspec.json.encode(window)
    if len(data) < _LARGE:
        return {**about, WINDOW: data.decode()}
    whole: dict[str, Reading] = {}
    of_columns: dict[str, dict[str, Reading]] = {}
    # Side by side, a column's long name is packed once.
    for name in sorted(window.measures, key=lambda name: parts(name)[::-1]):
        into = of_columns.setdefault(_part(name), {}) if is_of_column(name) else whole
        into[name] = window.measures[name]
    packed = {
        field: zlib.compress(msgspec.json.encode(found)) for field, found in of_columns.items()
    }
    rest = msgspec.json.encode(replace(window, measures=whole))
    return {**about, WINDOW: zlib.compress(rest), **packed}


def _read(found: Any) -> Window:
    document: dict[str, Any] = found.to_dict()
    window = msgspec.json.decode(_opened(document[WINDOW]), type=Window)
    for field in _PARTS:
        if field in document:
            more = msgspec.json.decode(_opened(document[field]), type=dict[str, Reading])
            window.measures.update(more)
    return window


def _opened(kept: str | bytes) -> str | bytes:
    return zlib.decompress(kept) if isinstance(kept, bytes) else kept


def _commits(changes: Sequence[_Change]) -> Iterator[list[_Change]]:
    """Part changes into what a commit takes."""
    some: list[_Change] = []
    size = 0
    for one in changes:
        more = 0 if one[1] is None else sum(map(len, one[1].values()))
        if len(some) >= _MOST or (some and size + more > _MOST_BYTES):
            yield some
            some, size = [], 0
        some.append(one)
        size += more
    if some:
        yield some
