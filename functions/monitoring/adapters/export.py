"""One Parquet file of many predictions with their labels: a file of the log in memory at a time."""

import tempfile
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import IO, TYPE_CHECKING

from functions.kit.lazy import Lazy
from functions.monitoring.adapters import tables
from functions.monitoring.adapters.parquet_predictions import ParquetPredictions
from functions.monitoring.model.files import LogFile
from functions.monitoring.model.logged import Filters, Label

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow import parquet
else:
    pa = Lazy("pyarrow")
    parquet = Lazy("pyarrow.parquet")

CHUNK = 1024 * 1024

LabelsOf = Callable[[list[str]], dict[str, Label]]
"""Ids of a model's predictions → their labels."""


class Export:
    """Makes files.

    Args:
        files: where predictions are.
    """

    def __init__(self, files: ParquetPredictions) -> None:
        self._files = files

    def open(
        self, files: Sequence[LogFile], filters: Filters, labels_of: LabelsOf
    ) -> Iterator[bytes]:
        """Yield the file; it has no rows where nothing is meant.

        Columns that differ from file to file become those of all, and texts where types differ.

        Raises:
            FileNotFoundError: before the first piece, where a file was merged into another.
        """
        schema = tables.unified([self._files.meant(file, filters).schema for file in files])
        with tempfile.TemporaryFile() as whole:
            wide = labelled(schema.empty_table(), labels_of).schema
            with parquet.ParquetWriter(whole, wide, compression="zstd") as writer:
                once = _Once()
                for file in files:
                    table = tables.as_schema(self._files.meant(file, filters), schema)
                    writer.write_table(labelled(once.new(table, file.group), labels_of))
            yield from _pieces(whole)


class _Once:
    """Gives each prediction once: one that was told again is in two files of an hour (ADR 31)."""

    def __init__(self) -> None:
        self._given: dict[Hashable, set[str]] = {}
        self._hour = 0

    def new(self, table: "pa.Table", group: tuple[str, int]) -> "pa.Table":
        """Return the rows that no file of the group before this one had; hours come in order."""
        if group[1] != self._hour:
            self._hour = group[1]
            self._given.clear()
        given, ids = self._given.setdefault(group, set()), table["id"].to_pylist()
        found = table
        if not given.isdisjoint(ids):
            found = table.filter(pa.array([one not in given for one in ids]))
        given.update(ids)
        return found


def labelled(table: "pa.Table", labels_of: LabelsOf) -> "pa.Table":
    """Return predictions with the columns `label` and `labelled_at`, null where there is none."""
    ids = table["id"].to_pylist()
    known = labels_of(ids)
    found = [known.get(one) for one in ids]
    labels = pa.array([one and one.label for one in found], pa.string())
    times = pa.array([one and one.at for one in found], pa.timestamp("us", tz="UTC"))
    return table.append_column("label", labels).append_column("labelled_at", times)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(CHUNK):
        yield piece
