"""A table that is no text, read row by row and kept as CSV on the way, for the import."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence

from functions.datasets.model import limits
from functions.datasets.model.files.csv_rows import Row
from functions.datasets.model.reading.names import name_flaws, named
from functions.datasets.model.reading.packed import unpacks_to_too_much
from functions.datasets.service.ports import Table
from functions.kit.contract.errors import Flaw


class Rewritten:
    """The rows of a table; see `inference.Rows`.

    Args:
        table: whose rows they are.
        names: of columns that are to have another name than in the file.
        keep: takes the CSV.
        limit: bytes that it may have: a table may hold once what is in many cells.
    """

    def __init__(
        self,
        table: Table,
        names: Mapping[str, str],
        keep: Callable[[bytes], object],
        limit: int,
    ) -> None:
        self._table = table
        self._keep = keep
        self._limit = limit
        self._end = 0
        self.sources = table.header
        self.header = named(table.header, names)
        self.flaws = [Flaw(reason, column=column) for reason, column in name_flaws(self.header)]
        self.flaws = self.flaws[: limits.FLAWS]
        if not self.flaws:
            self._write(self.header)
        self.begin = self._end

    def __iter__(self) -> Iterator[Row]:
        """Yield the good rows.

        Raises:
            Refused: the table cannot be read.
            TooLarge: it is over the limit.
        """
        if self.flaws:
            return
        row = 0
        for row, cells in enumerate(self._table.rows(), 1):
            if self._is_good(row, cells):
                self._write(cells)
                yield Row(row, cells, self._end)
            if len(self.flaws) >= limits.FLAWS:
                return
        if row == 0:
            self.flaws.append(Flaw("the file has a header and no rows; add at least one"))

    def _is_good(self, row: int, cells: Sequence[str]) -> bool:
        before = len(self.flaws)
        for name, cell in zip(self.header, cells, strict=True):
            if len(cell) > limits.CELL_LENGTH:
                self._note(f"the cell is longer than {limits.CELL_LENGTH:,} characters", row, name)
            if "\0" in cell:
                self._note("text cannot hold NUL", row, name)
        if sum(map(len, cells)) > limits.RECORD_BYTES:
            self._note(f"the row is longer than {limits.RECORD_BYTES:,} bytes", row, None)
        return len(self.flaws) == before

    def _note(self, reason: str, row: int, column: str | None) -> None:
        self.flaws.append(Flaw(reason, row=row, column=column))

    def _write(self, cells: Sequence[str]) -> None:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerow(cells)
        line = text.getvalue().encode()
        self._end += len(line)
        if self._end > self._limit:
            raise unpacks_to_too_much(self._limit)
        self._keep(line)
