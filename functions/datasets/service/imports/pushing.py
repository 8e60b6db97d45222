"""Records that are pushed: many at once, as one new revision, once for each request or event."""

from collections.abc import Sequence

import msgspec

from functions.datasets.model import limits
from functions.datasets.model.cells import Value
from functions.datasets.model.changing.changes import LoggedChange, Part
from functions.datasets.model.dataset import FIRST_VERSION, Record, Stored, record_id
from functions.datasets.model.made import Made, digest_of
from functions.datasets.model.values import Values, values_of
from functions.datasets.service.ports import Change, DatasetStore
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Flaw, Invalid, refused
from functions.kit.contract.ports import Clock
from functions.kit.contract.wording import counted


class Pushed(msgspec.Struct):
    """What a push made: records of the ids from `first` to `last`."""

    count: int
    first: str
    last: str


class Pushes:
    """Takes pushes of records."""

    def __init__(self, store: DatasetStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def push(
        self, place: Place, records: Sequence[bytes], request: str | None = None, by: str = ""
    ) -> Pushed:
        """Add records behind the others: all of them or none, once for a `request` that has an id.

        `by` is the id of the account that asks, for the log.

        Raises:
            NotFound: there is no such dataset.
            Conflict: it is not ready, it is being changed, or the key was for other records.
            Invalid: it names each record that does not fit, by its place from 1.
        """
        made = Made(request or "", "", digest_of(*records))

        def work(change: Change) -> Pushed:
            known = None if request is None else change.made(request)
            if known is not None:
                msgspec.structs.replace(made, thing=known.thing).check(known)
                return _pushed(*map(int, known.thing.split("-")))
            pushed = self._added(change, records, by)
            if request is not None:
                first, last = int(pushed.first), int(pushed.last)
                change.note(msgspec.structs.replace(made, thing=f"{first}-{last}"))
            return pushed

        return self._store.change(place, work)

    def _added(self, change: Change, records: Sequence[bytes], by: str) -> Pushed:
        dataset = change.dataset
        dataset.check_free()
        rows = _checked(records, values_of(dataset.columns))
        first = dataset.last_row + 1
        for number, values in enumerate(rows, first):
            change.put(Record(record_id(number), FIRST_VERSION, values))
        dataset.last_row += len(rows)
        dataset.grow(len(rows))
        dataset.revise(self._clock.now())
        change.log(_logged(dataset, len(rows), by))
        return _pushed(first, dataset.last_row)


def _logged(dataset: Stored, rows: int, by: str) -> Part:
    head = LoggedChange(
        revision=dataset.revision,
        at=dataset.updated_at,
        by=by,
        kind="import",
        summary=f"{counted(rows, 'record')}, pushed",
        records=rows,
    )
    return Part(change=head, rows=(dataset.last_row - rows + 1, dataset.last_row))


def _pushed(first: int, last: int) -> Pushed:
    return Pushed(last - first + 1, record_id(first), record_id(last))


def _checked(records: Sequence[bytes], values: Values) -> list[dict[str, Value]]:
    """Return the values of each record; raises Invalid with the place of each bad one."""
    rows: list[dict[str, Value]] = []
    flaws: list[Flaw] = []
    for place, record in enumerate(records, 1):
        try:
            rows.append(values.whole(record))
        except Invalid as error:
            flaws.extend(msgspec.structs.replace(flaw, row=place) for flaw in error.flaws)
        if len(flaws) >= limits.FLAWS:
            break
    if flaws:
        raise refused("Some records were refused", *flaws[: limits.FLAWS])
    return rows
