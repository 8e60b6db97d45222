"""One record at a time, and lists of them."""

from collections.abc import Callable, Iterator, Sequence

from functions.datasets.model import filters
from functions.datasets.model.cells import Value
from functions.datasets.model.dataset import FIRST_VERSION, Record, record_id
from functions.datasets.model.filters import Condition
from functions.datasets.model.made import Made, digest_of
from functions.datasets.model.values import Values, values_of
from functions.datasets.service.ports import Change, DatasetStore, RecordStore
from functions.kit.contract.conditions import IfMatch, check_match
from functions.kit.contract.errors import Gone, NotFound, not_found
from functions.kit.contract.pages import Page, PageQuery, cursor_after
from functions.kit.contract.ports import Clock
from functions.kit.contract.workspaces import Place

# Records that one page looks at, at most: a page may hold fewer than its limit, or none, and
# still have a next one.
SCAN = 20_000


class Records:
    """Creates, reads, changes and lists the records of datasets."""

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
        dataset, _, moment = self._store.find_shown(place)
        found = self._records.get(place, record, moment)
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

    def page(self, place: Place, query: PageQuery, conditions: Sequence[str] = ()) -> Page[Record]:
        """List records in the order of their ids; raises Unreadable, NotFound."""
        dataset, _, moment = self._store.find_shown(place)
        asked = filters.parse(conditions, dataset.columns)
        recast = dataset.recast
        # Firestore answers any number of equalities, in the order of ids, from the indexes that
        # every field has. Ranges would need an index made by hand for each pair of columns; they,
        # and columns whose stored values are of several kinds, are decided here.
        equal = [one for one in asked if one.sign == "==" and one.column.name not in recast]
        rest = [one for one in asked if one not in equal]
        wanted = query.limit + 1
        size = min(SCAN if rest else wanted, max(wanted, 500))
        found = self._records.read(place, after=query.after, equal=equal, moment=moment, page=size)
        return _page(found, values_of(dataset.columns), rest, query.limit)

    def _grow(self, change: Change, by: int) -> None:
        change.dataset.rows += by
        change.dataset.rows_done += by
        change.dataset.revise(self._clock.now())


def _page(
    found: Iterator[Record], values: Values, conditions: list[Condition], limit: int
) -> Page[Record]:
    """Gather up to `limit` records that meet the conditions, looking at SCAN at most."""
    items: list[Record] = []
    last = ""
    for count, record in enumerate(found):
        if len(items) == limit or count == SCAN:
            return Page(items, cursor_after(last))
        shown = _shown(record, values)
        if all(one.holds(shown.values[one.column.name]) for one in conditions):
            items.append(shown)
        last = record.id
    return Page(items)


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
