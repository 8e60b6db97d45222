"""The predictions of some minutes with their labels, as one table: an even sample of many."""

import hashlib
from typing import TYPE_CHECKING

from functions.kit.contract.errors import Away
from functions.kit.contract.telemetry.hourly import hour_name
from functions.kit.lazy import Lazy
from functions.monitoring.adapters import tables
from functions.monitoring.adapters.export import labelled
from functions.monitoring.adapters.parquet_predictions import ParquetPredictions
from functions.monitoring.model.files import LogFile, predictions_of
from functions.monitoring.model.logged import Filters, Life
from functions.monitoring.model.windows.window import LENGTHS, MINUTE, Monitored
from functions.monitoring.service.labelling import Labelling

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
else:
    np = Lazy("numpy")
    pa = Lazy("pyarrow")

HOUR = LENGTHS["hour"]
ENOUGH = 10
"""Times as many rows as are wanted: where there are more, some minutes are left out."""
_TRIES = 5
_DIGITS = 16
"""Of an id's hash, by which a sample is drawn: the same of the same rows, and even."""


class LabelledLog:
    """The Log in Parquet.

    Args:
        files: where predictions are.
        labelling: has their labels.
    """

    def __init__(self, files: ParquetPredictions, labelling: Labelling) -> None:
        self._files = files
        self._labelling = labelling

    def table(self, of: Monitored, minutes: tuple[int, int], life: Life, most: int) -> "pa.Table":
        """See WindowRows; raises Away."""
        for _ in range(_TRIES):
            try:
                found = self._rows(of, minutes, life, most)
            except FileNotFoundError:
                continue  # merged into another meanwhile, which a new list names
            return labelled(found, lambda ids: self._labelling.of_ids(of.model, ids))
        raise Away("The predictions kept changing while they were read.")

    def _rows(self, of: Monitored, minutes: tuple[int, int], life: Life, most: int) -> "pa.Table":
        files = self._files_of(of, minutes)
        step = max(1, sum(one.lines for one in files) // (ENOUGH * most))
        found = tables.table_of([])
        for part in _parts(minutes, step):
            first, end = part[0] * MINUTE, part[1] * MINUTE
            filters = Filters(model=of.model, life=life, since=first, until=end)
            for file in files:
                if file.first < end and file.last >= first:
                    more = self._files.meant(file, filters)
                    found = _sample(tables.joined([found, more]), most)
        return found

    def _files_of(self, of: Monitored, minutes: tuple[int, int]) -> list[LogFile]:
        folder = predictions_of(of.model, of.version)
        hours = range(minutes[0] // HOUR, -(-minutes[1] // HOUR))
        return [one for hour in hours for one in self._files.listed(f"{folder}{hour_name(hour)}")]


def _parts(minutes: tuple[int, int], step: int) -> list[tuple[int, int]]:
    """Return the minutes to read: all of them at once, or one in so many where there are many."""
    first, end = minutes
    return [minutes] if step == 1 else [(one, one + 1) for one in range(first, end, step)]


def _sample(table: "pa.Table", most: int) -> "pa.Table":
    if len(table) <= most:
        return table
    ids = table["id"].to_pylist()
    order = np.array([hashlib.sha256(one.encode()).hexdigest()[:_DIGITS] for one in ids])
    return table.take(pa.array(np.sort(np.argsort(order, kind="stable")[:most])))
