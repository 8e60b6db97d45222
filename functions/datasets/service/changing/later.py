"""What was changed since a change: it can be taken back where no later one is of its records."""

from collections.abc import Iterator, Sequence

from functions.datasets.model.changing.changes import Touched
from functions.datasets.model.changing.rows_seen import RowsSeen
from functions.datasets.model.dataset import Stored, record_id
from functions.datasets.service.changing.history_ports import ChangeLog
from functions.kit.contract.errors import Conflict


def check_known(changes: ChangeLog, dataset: Stored, after: int) -> None:
    """Raise Conflict unless the log knows every change since a revision."""
    found = changes.touched(dataset.place, after, dataset.revision)
    known = {part.revision for part in found if part.number == 0}
    for revision in range(after + 1, dataset.revision + 1):
        if revision not in known:
            raise Conflict(
                f"The log does not know the change that made revision {revision}: it is of a "
                "release without a log."
            )


def check_untouched(changes: ChangeLog, dataset: Stored, target: int) -> None:
    """Raise Conflict, naming the record, where a later change is of a record of `target`'s.

    Later changes that were taken back themselves are as if they had not been.
    """
    place = dataset.place
    later = list(changes.touched(place, target, dataset.revision))
    if not later:
        return
    cancelled = _cancelled(later, target)
    own = RowsSeen()
    for part in changes.touched(place, target - 1, target):
        for record in _records(part):
            own.add(record)
    for part in later:
        if part.revision not in cancelled:
            _check(part, own, target)


def _check(part: Touched, own: RowsSeen, target: int) -> None:
    for record in _records(part):
        if record in own:
            raise Conflict(
                f"Record '{record}' was changed again by revision {part.revision}, after revision "
                f"{target}; take that back first."
            )


def _cancelled(later: Sequence[Touched], target: int) -> set[int]:
    """Return those revisions after `target` that took one another back."""
    found: set[int] = set()
    for part in reversed(later):
        undoes = part.undoes
        if undoes is not None and undoes > target and part.revision not in found:
            found |= {part.revision, undoes}
    return found


def _records(part: Touched) -> Iterator[str]:
    yield from part.ids
    if part.rows is not None:
        first, last = part.rows
        yield from map(record_id, range(first, last + 1))
