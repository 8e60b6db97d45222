"""Edits of a dataset's schema and name, checked against the rows that are there."""

import datetime as dt
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from functions.datasets.model.changing.changes import LoggedChange, Part, SchemaState
from functions.datasets.model.dataset import DatasetPatch, Stored
from functions.datasets.model.made import Made
from functions.datasets.model.schema import check_rows, is_recast, merged, narrows
from functions.datasets.model.suggestions import adopted
from functions.datasets.service.ports import Change, DatasetStore, Moment, RecordStore
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Conflict
from functions.kit.contract.ports import Clock
from functions.kit.contract.records.columns import Column
from functions.kit.contract.requests.conditions import IfMatch

# How often an edit is checked anew when rows change while it is being checked.
ATTEMPTS = 5


class EditedBy(NamedTuple):
    """Who edits a schema, and whether that takes a change back.

    Attributes:
        by: the account's id.
        undoes: the revision whose change it takes back.
        request: the id of the request that asks, if it may be sent again.
        digest: of what that asks for.
    """

    by: str = ""
    undoes: int | None = None
    request: str | None = None
    digest: str = ""


NOBODY = EditedBy()


class SchemaEditor:
    """Changes the name and the columns of datasets."""

    def __init__(self, store: DatasetStore, records: RecordStore, clock: Clock) -> None:
        self._store = store
        self._records = records
        self._clock = clock

    def edit(
        self, place: Place, patch: DatasetPatch, if_match: IfMatch, origin: EditedBy = NOBODY
    ) -> Stored:
        """Apply a patch; the rows are checked as of one moment, outside of the transaction.

        Raises:
            NotFound: when there is no such dataset.
            Conflict: when it is not ready, or its rows keep changing.
            Stale: when the caller saw an older revision.
            Invalid: when the columns, or the rows with them, are refused.
        """
        for _ in range(ATTEMPTS):
            seen, _, moment = self._store.find_shown(place)
            seen.check_match(if_match)
            seen.check_free()
            columns = self._checked(seen, patch, moment)
            edit = _Edit(seen, patch, columns, origin, self._clock.now())
            edited = self._store.change(place, edit.apply)
            if edited is not None:
                return edited
        raise Conflict(f"The rows of '{place.name}' keep changing; try again in a moment.")

    def _checked(self, dataset: Stored, patch: DatasetPatch, moment: Moment) -> list[Column]:
        edits = _edits(dataset, patch)
        if not edits:
            return dataset.columns
        columns = merged(dataset.columns, edits)
        narrowed = [
            new for old, new in zip(dataset.columns, columns, strict=True) if narrows(old, new)
        ]
        if narrowed:
            check_rows(narrowed, self._records.read(dataset.place, moment=moment))
        return columns


@dataclass(frozen=True)
class _Edit:
    """A patch, checked against the rows of the dataset as it was `seen`."""

    seen: Stored
    patch: DatasetPatch
    columns: list[Column]
    origin: EditedBy
    now: dt.datetime

    def apply(self, change: Change) -> Stored | None:
        """Write the edit, or return None when the rows changed since they were checked."""
        dataset = change.dataset
        if not dataset.is_still(self.seen) or dataset.work != self.seen.work:
            return None
        before = SchemaState(dataset.name, dataset.columns)
        pairs = zip(dataset.columns, self.columns, strict=True)
        recast = {*dataset.recast, *(new.name for old, new in pairs if is_recast(old, new))}
        dataset.recast = sorted(recast)
        dataset.columns = self.columns
        if self.patch.name is not msgspec.UNSET:
            dataset.name = self.patch.name
        dataset.revise(self.now)
        self._log(change, before, SchemaState(dataset.name, dataset.columns))
        return dataset

    def _log(self, change: Change, before: SchemaState, after: SchemaState) -> None:
        origin, revision = self.origin, change.dataset.revision
        head = LoggedChange(
            revision=revision,
            at=self.now,
            by=origin.by,
            kind="schema" if origin.undoes is None else "undo",
            summary=_summary(before, after),
            undoes=origin.undoes,
        )
        change.log(Part(change=head, schema=(before, after)))
        if origin.request is not None:
            change.note(Made(origin.request, str(revision), origin.digest))


def _edits(dataset: Stored, patch: DatasetPatch) -> list[Column]:
    """Return the columns that a patch gives; raises Invalid where it adopts what is not there."""
    given = [] if patch.columns is msgspec.UNSET else patch.columns
    if patch.adopt is msgspec.UNSET:
        return given
    columns = [*dataset.columns, *given]
    return [*given, *adopted(list({one.name: one for one in columns}.values()), patch.adopt)]


def _summary(before: SchemaState, after: SchemaState) -> str:
    """Say in a line what was changed."""
    changed = [
        new.name for old, new in zip(before.columns, after.columns, strict=True) if old != new
    ]
    parts = [f"Changed the columns {', '.join(changed)}"] if changed else []
    parts += [f"Called it '{after.name}'"] if before.name != after.name else []
    return ("; ".join(parts) or "Changed nothing")[:200]
