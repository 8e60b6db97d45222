"""Edits of a dataset's schema and name, checked against the rows that are there."""

import datetime as dt
from dataclasses import dataclass

import msgspec

from functions.datasets.model.dataset import DatasetPatch, Stored
from functions.datasets.model.schema import check_rows, is_recast, merged, narrows
from functions.datasets.service.ports import Change, DatasetStore, Moment, RecordStore
from functions.kit.contract.columns import Column
from functions.kit.contract.conditions import IfMatch
from functions.kit.contract.errors import Conflict
from functions.kit.contract.ports import Clock
from functions.kit.contract.workspaces import Place

# How often an edit is checked anew when rows change while it is being checked.
ATTEMPTS = 5


class SchemaEditor:
    """Changes the name and the columns of datasets."""

    def __init__(self, store: DatasetStore, records: RecordStore, clock: Clock) -> None:
        self._store = store
        self._records = records
        self._clock = clock

    def edit(self, place: Place, patch: DatasetPatch, if_match: IfMatch) -> Stored:
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
            seen.check_ready()
            edit = _Edit(seen, patch, self._checked(seen, patch, moment), self._clock.now())
            edited = self._store.change(place, edit.apply)
            if edited is not None:
                return edited
        raise Conflict(f"The rows of '{place.name}' keep changing; try again in a moment.")

    def _checked(self, dataset: Stored, patch: DatasetPatch, moment: Moment) -> list[Column]:
        if patch.columns is msgspec.UNSET:
            return dataset.columns
        columns = merged(dataset.columns, patch.columns)
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
    now: dt.datetime

    def apply(self, change: Change) -> Stored | None:
        """Write the edit, or return None when the rows changed since they were checked."""
        dataset = change.dataset
        if dataset.revision != self.seen.revision or dataset.state != self.seen.state:
            return None
        pairs = zip(dataset.columns, self.columns, strict=True)
        recast = {*dataset.recast, *(new.name for old, new in pairs if is_recast(old, new))}
        dataset.recast = sorted(recast)
        dataset.columns = self.columns
        if self.patch.name is not msgspec.UNSET:
            dataset.name = self.patch.name
        dataset.revise(self.now)
        return dataset
