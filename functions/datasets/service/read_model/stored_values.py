"""Stored records as those of the kinds that the columns have today."""

from collections.abc import Iterable, Sequence

from functions.datasets.model.cells import NATIVE, Value
from functions.datasets.model.dataset import Record
from functions.datasets.model.values import values_of
from functions.kit.contract.records.columns import Column


class StoredValues:
    """Reads stored records, and notes which columns hold values of another kind.

    Attributes:
        cast: the names of those columns.
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        self.cast: set[str] = set()
        self._values = values_of(columns)
        # A day is stored as text, and is none the other for that.
        self._native = [
            (
                column.name,
                (NATIVE[column.kind], str if column.kind == "date" else NATIVE[column.kind]),
            )
            for column in columns
        ]

    def shown(self, records: Iterable[Record]) -> list[Record]:
        """Return the records, their values in the order and of the kinds of the columns."""
        return [Record(record.id, record.version, self._shown(record.values)) for record in records]

    def _shown(self, stored: dict[str, Value]) -> dict[str, Value]:
        for name, native in self._native:
            value = stored.get(name)
            if value is not None and type(value) not in native:
                self.cast.add(name)
        return self._values.shown(stored)
