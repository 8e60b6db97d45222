"""One record at a time."""

from collections.abc import Callable

from functions.datasets.model.cells import Value
from functions.datasets.model.dataset import FIRST_VERSION, Record, record_id
from functions.datasets.model.made import Made, digest_of
from functions.datasets.model.values import Values, values_of
from functions.datasets.service.ports import Change, DatasetStore, RecordStore
from functions.kit.contract.conditions import IfMatch, check_match
from functions.kit.contract.errors import Gone, NotFound, not_found
from functions.kit.contract.ports import Clock
from functions.kit.contract.workspaces import Place


class Records:
    """Creates, reads and changes the records of datasets."""

    def __init__(self, store: DatasetStore, records: RecordStore, clock: Clock) -> None:
        self._store = store
        self._records = records
        self._clock = clock

    def create(self, place: Place, body: bytes, request: str | None = None) -> Record:
        """Add a record behind the others, once for each `request` that has an id.

        Raises:
            NotFound: there is no such dataset.
            Conflict: it is not ready, or the Idempotency-Key was for other values.
            Gone: the record that the request made has been removed.
            Invalid: the values do not fit.
        """

        def work(change: Change) -> Record:
            known = None if request is None else change.made(request)
            if known is not None:
                return _made_before(change, known, body)
            record = self._added(change, body)
            if request is not None:
                change.note(Made(request, record.id, digest_of(body)))
            return record

        return self._store.change(place, work)

    def _added(self, change: Change, body: bytes) -> Record:
        dataset = change.dataset
        values = _values(change).whole(body)
        dataset.last_row += 1
        self._grow(change, 1)
        record = Record(record_id(dataset.last_row), FIRST_VERSION, values)
        change.put(record)
        return record

    def get(self, place: Place, record: str) -> Record:
        """Return a record; raises NotFound."""
        dataset = self._store.find_shown(place).dataset
        found = self._records.get(place, record)
        if found is None:
            raise not_found("record", record)
        return _shown(found, values_of(dataset.columns))

    def replace(self, place: Place, record: str, body: bytes, if_match: IfMatch) -> Record:
        """Give a record new values; raises NotFound, Conflict, Stale, Invalid."""
        return self._update(place, record, if_match, lambda values, _: values.whole(body))

    def amend(self, place: Place, record: str, body: bytes, if_match: IfMatch) -> Record:
        """Change those values that the body names; raises as `replace`."""
        return self._update(place, record, if_match, lambda values, old: values.changed(old, body))

    def _update(
        self,
        place: Place,
        record: str,
        if_match: IfMatch,
        new: Callable[[Values, dict[str, Value]], dict[str, Value]],
    ) -> Record:
        def work(change: Change) -> Record:
            values = _values(change)
            old = _matching(change, record, if_match)
            fresh = Record(record, old.version + 1, new(values, old.values))
            self._grow(change, 0)
            change.put(fresh)
            return fresh

        return self._store.change(place, work)

    def delete(self, place: Place, record: str, if_match: IfMatch) -> None:
        """Remove a record; raises NotFound, Conflict, Stale."""

        def work(change: Change) -> None:
            change.dataset.check_ready()
            _matching(change, record, if_match)
            self._grow(change, -1)
            change.remove(record)

        self._store.change(place, work)

    def _grow(self, change: Change, by: int) -> None:
        change.dataset.rows += by
        change.dataset.rows_done += by
        change.dataset.revise(self._clock.now())


def _values(change: Change) -> Values:
    change.dataset.check_ready()
    return values_of(change.dataset.columns)


def _shown(record: Record, values: Values) -> Record:
    return Record(record.id, record.version, values.shown(record.values))


def _made_before(change: Change, known: Made, body: bytes) -> Record:
    """Return the record that the request made, as it is now; raises Conflict, Gone."""
    Made(known.request, known.thing, digest_of(body)).check(known)
    try:
        found = change.record(known.thing)
    except NotFound as error:
        raise Gone(f"Record '{known.thing}', which this request made, has been removed.") from error
    return _shown(found, values_of(change.dataset.columns))


def _matching(change: Change, record: str, if_match: IfMatch) -> Record:
    found = change.record(record)
    check_match(if_match, found.version, f"Record '{record}'", "version")
    return found
