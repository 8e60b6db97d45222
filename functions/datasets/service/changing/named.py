"""Changes of records that are named, each with values of its own: all of them or none."""

from collections.abc import Sequence
from typing import Any

import msgspec

from functions.datasets.model.changing.change_views import ChangeView, view
from functions.datasets.model.changing.changes import Edit, LoggedChange, encoded, parts_of
from functions.datasets.model.dataset import Record
from functions.datasets.model.suggestions import ValueWarning, warnings_of
from functions.datasets.model.values import values_of
from functions.datasets.service.changing.batches import BYTES, EDITS
from functions.datasets.service.ports import Change, DatasetStore
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Conflict, Flaw, Invalid, refused, told
from functions.kit.contract.ports import Clock

MOST_NAMED = 3  # columns that a summary names


class NamedEdit(msgspec.Struct, forbid_unknown_fields=True):
    """What is to be made of one record.

    Attributes:
        id: of the record.
        version: that it must have; null for whichever.
        values: those that change, by column; null removes the record.
    """

    id: str
    values: dict[str, Any] | None
    version: int | None = None


class NamedRecords:
    """Changes and removes records by their ids, up to 450 as one revision."""

    def __init__(self, store: DatasetStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def amend(self, place: Place, asked: Sequence[NamedEdit], by: str) -> ChangeView:
        """Make of each record what is asked for.

        Args:
            place: of the dataset.
            asked: at most 450, each record once.
            by: the id of the account that asks.

        Raises:
            NotFound: there is no such dataset, or record.
            Conflict: the dataset is not ready, or being changed; or records have other versions
                than those asked for, and each is a flaw, whose row counts `asked` from 1.
            Invalid: values do not fit; a flaw's row counts likewise.
        """
        _check_once(asked)

        def work(change: Change) -> ChangeView:
            change.dataset.check_free()
            return self._amend(change, asked, by)

        return self._store.change(place, work)

    def _amend(self, change: Change, asked: Sequence[NamedEdit], by: str) -> ChangeView:
        edits: list[Edit] = []
        warnings: list[ValueWarning] = []
        olds = [change.record(one.id) for one in asked]
        _check_versions(asked, olds)
        for row, (one, old) in enumerate(zip(asked, olds, strict=True), 1):
            edit = _edit(change, old, one, row)
            if edit is not None:
                edits.append(edit)
                warnings += _warnings(change, old, edit)
        size = len(encoded(edits))
        if size > BYTES:
            reason = f"they take {size:,} bytes, {BYTES:,} are the most; send fewer at once"
            raise refused("The records were refused", Flaw(reason))
        return view(self._written(change, edits, asked, by), warnings)

    def _written(
        self, change: Change, edits: list[Edit], asked: Sequence[NamedEdit], by: str
    ) -> LoggedChange:
        """Write and log the edits; without any, no revision is made."""
        dataset, now = change.dataset, self._clock.now()
        for edit in edits:
            if isinstance(edit.after, dict):
                change.put(Record(edit.id, edit.version, edit.after))
            else:
                change.remove(edit.id)
        if edits:
            dataset.grow(sum(edit.growth for edit in edits))
            dataset.revise(now)
        head = LoggedChange(
            revision=dataset.revision,
            at=now,
            by=by,
            kind="bulk",
            summary=_summary(edits, asked),
            records=len(edits),
        )
        for part in parts_of(head, edits) if edits else []:
            change.log(part)
        return head


def _check_once(asked: Sequence[NamedEdit]) -> None:
    seen: set[str] = set()
    for row, one in enumerate(asked, 1):
        if one.id in seen:
            reason = f"record '{one.id}' is named twice"
            raise refused("The records were refused", Flaw(reason, row=row))
        seen.add(one.id)
    if len(seen) > EDITS:
        reason = f"{len(seen):,} records, {EDITS} are the most at once"
        raise refused("The records were refused", Flaw(reason))


def _check_versions(asked: Sequence[NamedEdit], olds: Sequence[Record]) -> None:
    flaws = [
        Flaw(f"record '{old.id}' is at version {old.version} by now", row=row)
        for row, (one, old) in enumerate(zip(asked, olds, strict=True), 1)
        if one.version is not None and one.version != old.version
    ]
    if flaws:
        more = f" ({len(flaws) - 1} more in errors)" if len(flaws) > 1 else ""
        detail = f"The records were refused: {told(flaws[0])}{more}; load them anew."
        raise Conflict(detail, *flaws)


def _edit(change: Change, old: Record, one: NamedEdit, row: int) -> Edit | None:
    """Return the edit; None where nothing changes. Raises Invalid, naming the row."""
    if one.values is None:
        return Edit(old.id, old.version, old.values, None)
    values = values_of(change.dataset.columns)
    try:
        after = values.changed(old.values, msgspec.json.encode(one.values))
    except Invalid as error:
        flaws = [msgspec.structs.replace(flaw, row=row) for flaw in error.flaws]
        raise Invalid(error.detail, *flaws) from error
    if after == values.shown(old.values):
        return None
    return Edit(old.id, old.version + 1, old.values, after)


def _warnings(change: Change, old: Record, edit: Edit) -> list[ValueWarning]:
    if not isinstance(edit.after, dict):
        return []
    return warnings_of(change.dataset.columns, edit.after, old.values)


def _summary(edits: list[Edit], asked: Sequence[NamedEdit]) -> str:
    count = f"{len(edits):,} record{'' if len(edits) == 1 else 's'}"
    if all(edit.after is None for edit in edits):
        return f"{count}: removed"
    names = list(dict.fromkeys(name for one in asked for name in one.values or {}))
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"{count}: changed in {', '.join(names[:MOST_NAMED])}{more}"[:200]
