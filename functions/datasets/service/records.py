"""One record at a time."""

from collections.abc import Callable, Sequence

from functions.datasets.model.cells import Value
from functions.datasets.model.changing.changes import Edit, Kind, LoggedChange, parts_of
from functions.datasets.model.dataset import FIRST_VERSION, Record, record_id
from functions.datasets.model.made import Made, digest_of
from functions.datasets.model.suggestions import Written, warnings_of
from functions.datasets.model.values import Values, values_of
from functions.datasets.service.ports import Change, DatasetStore, RecordReader
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Gone, NotFound, not_found
from functions.kit.contract.ports import Clock
from functions.kit.contract.records.columns import Column
from functions.kit.contract.requests.conditions import IfMatch, check_match

DONE: dict[Kind, str] = {"create": "made", "update": "changed", "delete": "removed"}


class Records:
    """Creates, reads and changes the records of datasets."""

    def __init__(self, store: DatasetStore, records: RecordReader, clock: Clock) -> None:
        self._store = store
        self._records = records
        self._clock = clock

    def create(
        self, place: Place, body: bytes, request: str | None = None, by: str = ""
    ) -> Written:
        """Add a record behind the others, once for each `request` that has an id.

        `by` is the id of the account that asks, here and in the other writes, for the log.

        Raises:
            NotFound: there is no such dataset.
            Conflict: it is not ready, or the Idempotency-Key was for other values.
            Gone: the record that the request made has been removed.
            Invalid: the values do not fit.
        """

        def work(change: Change) -> Written:
            known = None if request is None else change.made(request)
            if known is not None:
                return _made_before(change, known, body)
            record = self._added(change, body, by)
            if request is not None:
                change.note(Made(request, record.id, digest_of(body)))
            return record

        return self._store.change(place, work)

    def _added(self, change: Change, body: bytes, by: str) -> Written:
        dataset = change.dataset
        values = _values(change).whole(body)
        dataset.last_row += 1
        record = Record(record_id(dataset.last_row), FIRST_VERSION, values)
        change.put(record)
        self._revise(change, "create", by, Edit(record.id, record.version, None, values))
        return written(record, dataset.columns)

    def get(self, place: Place, record: str) -> Record:
        """Return a record; raises NotFound."""
        dataset, _, moment = self._store.find_shown(place)
        found = self._records.get(place, record, moment)
        if found is None:
            raise not_found("record", record)
        return _shown(found, values_of(dataset.columns))

    def replace(
        self, place: Place, record: str, body: bytes, if_match: IfMatch, by: str = ""
    ) -> Written:
        """Give a record new values; raises NotFound, Conflict, Stale, Invalid."""
        return self._update(place, record, if_match, by, lambda values, _: values.whole(body))

    def amend(
        self, place: Place, record: str, body: bytes, if_match: IfMatch, by: str = ""
    ) -> Written:
        """Change those values that the body names; raises as `replace`."""
        return self._update(
            place, record, if_match, by, lambda values, old: values.changed(old, body)
        )

    def _update(
        self,
        place: Place,
        record: str,
        if_match: IfMatch,
        by: str,
        new: Callable[[Values, dict[str, Value]], dict[str, Value]],
    ) -> Written:
        def work(change: Change) -> Written:
            values = _values(change)
            old = _matching(change, record, if_match)
            fresh = Record(record, old.version + 1, new(values, old.values))
            change.put(fresh)
            edit = Edit(record, fresh.version, old.values, fresh.values)
            self._revise(change, "update", by, edit)
            return written(fresh, change.dataset.columns, old.values)

        return self._store.change(place, work)

    def delete(self, place: Place, record: str, if_match: IfMatch, by: str = "") -> None:
        """Remove a record; raises NotFound, Conflict, Stale."""

        def work(change: Change) -> None:
            change.dataset.check_free()
            old = _matching(change, record, if_match)
            change.remove(record)
            self._revise(change, "delete", by, Edit(record, old.version, old.values, None))

        self._store.change(place, work)

    def _revise(self, change: Change, kind: Kind, by: str, edit: Edit) -> None:
        """Count and log what was made of one record."""
        now = self._clock.now()
        change.dataset.grow(edit.growth)
        change.dataset.revise(now)
        head = LoggedChange(
            revision=change.dataset.revision,
            at=now,
            by=by,
            kind=kind,
            summary=f"Record {edit.id}: {DONE[kind]}",
            records=1,
        )
        for part in parts_of(head, [edit]):
            change.log(part)


def _values(change: Change) -> Values:
    change.dataset.check_free()
    return values_of(change.dataset.columns)


def _shown(record: Record, values: Values) -> Record:
    return Record(record.id, record.version, values.shown(record.values))


def written(
    record: Record, columns: Sequence[Column], before: dict[str, Value] | None = None
) -> Written:
    """Return a record as it was written, with warnings for what is unlike `before` and unusual."""
    warnings = warnings_of(columns, record.values, before)
    return Written(record.id, record.version, record.values, warnings=warnings)


def _made_before(change: Change, known: Made, body: bytes) -> Written:
    """Return the record that the request made, as it is now; raises Conflict, Gone."""
    Made(known.request, known.thing, digest_of(body)).check(known)
    try:
        found = change.record(known.thing)
    except NotFound as error:
        raise Gone(f"Record '{known.thing}', which this request made, has been removed.") from error
    columns = change.dataset.columns
    return written(_shown(found, values_of(columns)), columns)


def _matching(change: Change, record: str, if_match: IfMatch) -> Record:
    found = change.record(record)
    check_match(if_match, found.version, f"Record '{record}'", "version")
    return found
