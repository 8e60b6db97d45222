"""The log summed by minute: a file is read once, as long as it is remembered."""

import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from cachetools import LRUCache

from functions.kit.contract.errors import Away
from functions.kit.contract.telemetry.hourly import hour_name
from functions.kit.lazy import Lazy
from functions.monitoring.adapters import tables
from functions.monitoring.adapters.parquet_predictions import ParquetPredictions
from functions.monitoring.model.files import LogFile, predictions_of
from functions.monitoring.model.logged import Filters, Life
from functions.monitoring.model.windows.sums import Sum, whole
from functions.monitoring.model.windows.tally import minutes_of, tally
from functions.monitoring.model.windows.window import LENGTHS, MINUTE, Monitored
from functions.monitoring.service.windows.ports import Known

if TYPE_CHECKING:
    import numpy as np
else:
    np = Lazy("numpy")

HELD = 4_000_000
"""Words of eight bytes that a replica remembers: predictions' ids, and what they add up to."""
_COLUMN, _WORD = 40, 20
"""What a column takes beside its bins, and a word beside its letters."""
_TRIES = 5


class _Part(NamedTuple):
    """What a file has of a minute.

    Attributes:
        ids: hashes of the predictions' ids.
        sum: of them.
    """

    ids: Any
    sum: Sum


class ParquetTallies:
    """Tallies of predictions in Parquet.

    Args:
        files: where they are.
    """

    def __init__(self, files: ParquetPredictions) -> None:
        self._files = files
        self._lock = threading.Lock()
        self._held: LRUCache[Any, dict[int, _Part]] = LRUCache(HELD, _size)

    def minutes(
        self, of: Monitored, minutes: Collection[int], life: Life, reference: Known | None
    ) -> dict[int, Sum]:
        """See Tallies."""
        for _ in range(_TRIES):
            try:
                return self._minutes(of, minutes, life, reference)
            except FileNotFoundError:
                continue  # merged into another meanwhile, which a new list names
        raise Away("The predictions kept changing while they were summed.")

    def _minutes(
        self, of: Monitored, minutes: Collection[int], life: Life, known: Known | None
    ) -> dict[int, Sum]:
        files = list(self._files_of(of, minutes))
        found: dict[int, Sum] = {}
        for minute in sorted(minutes):
            meant = [one for one in files if _has(one, minute)]
            parts = [self._parts(one, life, known).get(minute) for one in meant]
            there = [one for one in parts if one is not None]
            if _are_different(there):
                found[minute] = whole(one.sum for one in there)
            elif there:
                found[minute] = self._each_once(meant, minute, life, known)
        return found

    def _files_of(self, of: Monitored, minutes: Collection[int]) -> Iterator[LogFile]:
        folder = predictions_of(of.model, of.version)
        for hour in sorted({one // LENGTHS["hour"] for one in minutes}):
            yield from self._files.listed(f"{folder}{hour_name(hour)}")

    def _parts(self, file: LogFile, life: Life, known: Known | None) -> dict[int, _Part]:
        key = (file.path, life, None if known is None else known.name)
        with self._lock:
            found = self._held.get(key)
        if found is None:
            table = self._files.meant(file, Filters(model=file.model, life=life))
            reference = None if known is None else known.reference
            found = {
                minute: _Part(_hashes(part["id"].to_pylist()), tally(part, reference))
                for minute, part in minutes_of(table).items()
            }
            with self._lock:
                self._held[key] = found
        return found

    def _each_once(
        self, files: Sequence[LogFile], minute: int, life: Life, known: Known | None
    ) -> Sum:
        """Return the sum of a minute whose predictions are in several files: each counts once."""
        filters = [
            Filters(model=one.model, life=life, since=minute * MINUTE, until=(minute + 1) * MINUTE)
            for one in files
        ]
        some = [self._files.meant(*pair) for pair in zip(files, filters, strict=True)]
        return tally(tables.joined(some), None if known is None else known.reference)


def _has(file: LogFile, minute: int) -> bool:
    return file.first // MINUTE <= minute <= file.last // MINUTE


def _hashes(ids: Iterable[str]) -> Any:
    return np.array([hash(one) for one in ids], np.int64)


def _are_different(parts: Sequence[_Part]) -> bool:
    """Tell whether no id is there twice; two with one hash only cost the longer way."""
    if not parts:
        return False
    ids = np.concatenate([one.ids for one in parts])
    return len(np.unique(ids)) == len(ids)


def _size(parts: dict[int, _Part]) -> int:
    """Return about how many words of eight bytes are taken: by few rows, mostly by their sums."""
    return min(HELD, 1 + sum(len(one.ids) + _size_of(one.sum) for one in parts.values()))


def _size_of(found: Sum) -> int:
    columns = (*found.columns.values(), found.predicted, found.values)
    words = len(found.times) + sum(len(one.words) + len(one.new_words) for one in columns)
    return _WORD * words + sum(_COLUMN + len(one.bins) for one in columns)
