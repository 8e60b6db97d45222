"""Changes of all records that meet some filters."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from functions.datasets.model.changing.change_views import ChangeView, Count
from functions.datasets.model.changing.changing import Task
from functions.datasets.model.dataset import Stored
from functions.datasets.model.queries import query
from functions.datasets.model.queries.where import Every, Expression, others_than, says_nothing
from functions.datasets.model.suggestions import warnings_of
from functions.datasets.model.values import values_of
from functions.datasets.service.changing.starter import Asked, Starter
from functions.datasets.service.ports import DatasetStore
from functions.datasets.service.read_model.current import CurrentTables
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Flaw, Unreadable
from functions.kit.contract.records.columns import Column


class Which(NamedTuple):
    """Which records are meant: those that meet all filters; all of them only if that is said.

    Attributes:
        filters: `age>=30`, each.
        where: conditions as JSON.
        everything: it is said that all records are meant.
    """

    filters: Sequence[str] = ()
    where: str | None = None
    everything: bool = False

    def read(self, columns: Sequence[Column]) -> Expression:
        """Return the condition.

        Raises:
            Unreadable: it cannot be read, or all records would be meant, and nobody said so.
        """
        found = query.read(query.Asked(self.filters, self.where), columns).where
        if says_nothing(found) and not self.everything:
            reason = "name a filter (age>=30), or say all=true to mean all records"
            raise Unreadable(f"No filter is given: {reason}.", Flaw(reason, column="filter"))
        return found


class ManyRecords:
    """Changes and removes the records that meet filters."""

    def __init__(self, store: DatasetStore, starter: Starter, tables: CurrentTables) -> None:
        self._store = store
        self._starter = starter
        self._tables = tables

    def amend(self, place: Place, which: Which, body: bytes, asked: Asked) -> ChangeView:
        """Give the records the values that the body names.

        Raises:
            Unreadable: a filter, or the body, cannot be read.
            Invalid: the values do not fit.
            Exception: as `Starter.start`.
        """
        dataset = self._store.find_shown(place).dataset
        task = _task(dataset, which, body)
        begun = self._starter.start(place, task, asked)
        warnings = warnings_of(dataset.columns, task.values or {})
        return msgspec.structs.replace(begun, warnings=warnings) if warnings else begun

    def remove(self, place: Place, which: Which, asked: Asked) -> ChangeView:
        """Remove the records; raises as `amend`."""
        task = _task(self._store.find_shown(place).dataset, which, None)
        return self._starter.start(place, task, asked)

    def count(self, place: Place, which: Which, body: bytes | None = None) -> Count:
        """Return how many records a change would be of; raises as `amend`."""
        dataset, table = self._tables.of(place)
        task, found = _task(dataset, which, body), which.read(dataset.columns)
        if task.values is not None:
            found = Every((found, others_than(task.values, dataset.columns)))
        return Count(table.count(found))


def _task(dataset: Stored, which: Which, body: bytes | None) -> Task:
    """Return what is asked for; raises Unreadable, Invalid."""
    which.read(dataset.columns)
    values = None if body is None else values_of(dataset.columns).given(body)
    return Task(kind="bulk", filters=list(which.filters), where=which.where, values=values)
