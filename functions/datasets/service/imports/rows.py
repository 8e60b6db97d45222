"""The rows of a file against a dataset's columns: each as values, or with its flaws."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from functions.datasets.model import cells
from functions.datasets.model.cells import Value
from functions.datasets.model.csv_rows import Reader, Row
from functions.datasets.model.imports import Asked
from functions.datasets.model.schema import fault
from functions.kit.contract.columns import Column
from functions.kit.contract.errors import Flaw

LONGEST_SHOWN = 80


@dataclass
class Checked:
    """One row: its values by column, its flaws, and its cells as they came, below a header."""

    number: int
    header: list[str]
    cells: list[str]
    values: dict[str, Value] = field(default_factory=dict)
    flaws: list[Flaw] = field(default_factory=list)


class Table:
    """A file as rows for a dataset.

    Args:
        chunks: the file.
        columns: the dataset's.

    Attributes:
        flaws: of the file as a whole, for which no row of it can be taken.
    """

    def __init__(self, chunks: Iterable[bytes], columns: Sequence[Column]) -> None:
        self._reader = Reader(chunks)
        self._columns = {column.name: column for column in columns}

    @property
    def flaws(self) -> list[Flaw]:
        """See Table."""
        return self._reader.flaws

    def rows(self, asked: Asked) -> Iterator[Checked]:
        """Yield the rows; none when the columns cannot be those of an import as it is asked for."""
        is_known = False
        for row in self._reader:
            if not is_known:
                self.flaws.extend(header_flaws(self._reader.header, self._columns, asked))
                is_known = True
            if self.flaws:
                return
            yield self._checked(row)

    def _checked(self, row: Row) -> Checked:
        checked = Checked(row.number, self._reader.header, row.cells)
        for name, cell in zip(self._reader.header, row.cells, strict=True):
            column = self._columns[name]
            try:
                value = cells.parse(cell, column.kind)
                reason = fault(column, value)
            except cells.NotOfKind as error:
                value, reason = None, str(error)
            if reason:
                shown = cell[:LONGEST_SHOWN] or None
                checked.flaws.append(Flaw(reason, row.number, name, shown))
            checked.values[name] = value
        return checked


def header_flaws(header: Sequence[str], columns: dict[str, Column], asked: Asked) -> Iterator[Flaw]:
    """Say why a file with this header cannot be imported as it is asked for."""
    for name in header:
        if name not in columns:
            yield Flaw("the dataset has no such column; leave it out, or rename it", column=name)
    for name in asked.key:
        if name not in header:
            yield Flaw("the file has no such column, and it is a key", column=name)
    if asked.mode != "upsert":  # which changes no more than the file has
        yield from missing_flaws(header, columns)


def missing_flaws(
    header: Iterable[str], columns: dict[str, Column], row: int | None = None
) -> Iterator[Flaw]:
    """Name the columns that every record must have, and that are not there."""
    found = set(header)
    for column in columns.values():
        if column.required and column.name not in found:
            yield Flaw("a value is required, and the file has no such column", row, column.name)
