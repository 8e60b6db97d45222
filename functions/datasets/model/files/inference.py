"""What kind of values each column holds, found in one pass over the rows with flat memory."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Protocol

import msgspec
from msgspec.structs import replace

from functions.datasets.model import limits
from functions.datasets.model.dataset import schema_flaws
from functions.datasets.model.detection.decisions import FileSays, decide, decimals
from functions.datasets.model.detection.roles import role_of
from functions.datasets.model.detection.seen import Seen
from functions.datasets.model.files.csv_rows import Refused, Row
from functions.datasets.model.reading.columns import Decided
from functions.datasets.model.reading.numbers import Marks
from functions.datasets.model.reading.questions import asked
from functions.datasets.model.reading.shapes import (
    ColumnOverrule,
    ColumnReading,
    Decimal,
    Dialect,
    Overrule,
    Reading,
)
from functions.datasets.model.reading.spellings import Spelling
from functions.kit.contract.batches import batches
from functions.kit.contract.errors import Flaw
from functions.kit.contract.records.columns import Column, Kind

# Rows that are looked at together, and how many bytes of the file they may be.
BATCH = 1_000
BATCH_BYTES = 4 * 1024 * 1024


class Rows(Protocol):
    """The rows of a file as they are read.

    Attributes:
        header: the names of the columns; it may grow while rows are read.
        sources: what the file calls them.
        begin: the byte of the file's stored form at which the first row begins.
        flaws: what was found wrong so far.
    """

    begin: int
    flaws: list[Flaw]

    @property
    def header(self) -> list[str]:
        """See above."""

    @property
    def sources(self) -> list[str]:
        """See above."""

    def __iter__(self) -> Iterator[Row]:
        """Yield the good rows."""


class Schema:
    """The columns of a file, decided by its rows as they stream by.

    Args:
        rows: whose names of columns are taken.
        dialect: how the file is written.
        overrule: what somebody said.
    """

    def __init__(
        self, rows: Rows, dialect: Dialect | None = None, overrule: Overrule | None = None
    ) -> None:
        self._source = rows
        self._dialect = dialect or Dialect()
        self._overrule = overrule or Overrule()
        self._seen: list[Seen] = []
        self.rows = 0

    def add(self, rows: Sequence[Row]) -> None:
        """Take some rows, in the order of the file."""
        for source in self._source.sources[len(self._seen) :]:
            self._seen.append(self._begun(source))
        columns = zip_longest(*(row.cells for row in rows), fillvalue="")
        for seen, column in zip_longest(self._seen, columns):
            seen.add(rows[0].number, column or [""] * len(rows))
        self.rows = rows[-1].number

    def _begun(self, source: str) -> Seen:
        said = self._overrule.of(source)
        spelling = None
        if said.date_format or said.decimal or said.unit:
            marks = Marks(said.decimal or ".", said.thousands or "", said.unit or "")
            spelling = Spelling(said.kind or _kind_of(said), marks, said.date_format or "")
        seen = Seen(spelling, [*(said.missing or ()), *self._dialect.missing])
        seen.blank = self.rows
        return seen

    def decided(self) -> list[Decided]:
        """Return all columns, decided."""
        file = FileSays(self._decimal(), self._dialect.missing)
        pairs = zip(self._source.sources, self._source.header, self._seen, strict=True)
        return [self._decided(*pair, file) for pair in pairs]

    def _decided(self, source: str, name: str, seen: Seen, file: FileSays) -> Decided:
        said = self._overrule.of(source)
        choice = decide(seen, said, file)
        role, why = role_of(source, name, choice.kind, seen)
        if said.role is not None:
            role, why = said.role, "somebody said so"
        return Decided(source, name, seen, choice, said, role, why)

    def _decimal(self) -> str | None:
        """Return the decimal mark of the file: as somebody said, or as all its numbers have it."""
        if self._overrule.dialect.decimal is not None:
            return self._overrule.dialect.decimal
        sure = {mark for seen in self._seen if len(found := decimals(seen)) == 1 for mark in found}
        if not sure and self._dialect.delimiter == ",":
            return "."
        return sure.pop() if len(sure) == 1 else None

    def reading(self) -> Reading:
        """Return how the file is read, whatever else could be.

        Raises:
            Refused: no document holds it.
        """
        mark: Decimal = "," if self._decimal() == "," else "."
        dialect = replace(self._dialect, decimal=self._overrule.dialect.decimal or mark)
        columns = [one.reading(dialect) for one in self.decided()]
        if _bytes(columns) > limits.READING_BYTES:
            columns = [replace(one, reason="", warnings=[]) for one in columns]
        if (size := _bytes(columns)) > limits.READING_BYTES:
            reason = (
                f"the names of all columns, in the file and here, and their words for missing take "
                f"{size:,} bytes together, the limit is {limits.READING_BYTES:,}; shorten some"
            )
            raise Refused([Flaw(reason)])
        return Reading(dialect=dialect, columns=columns)

    def columns(self) -> list[Column]:
        """Return the columns.

        Raises:
            Refused: for cells that are not what their column is, for what must be asked, or for
                too much in all.
        """
        decided = self.decided()
        flaws = [flaw for one in decided for flaw in one.flaws()]
        if flaws:
            flaws.sort(key=lambda flaw: flaw.row or 0)
            raise Refused(flaws[: limits.FLAWS])
        if open_questions := [question.flaw for one in decided for question in asked(one)]:
            raise Refused(open_questions[: limits.FLAWS])
        columns = [one.column() for one in decided]
        if schema_flaws(columns):  # what is suggested is the first to go
            columns = [replace(column, suggested=None) for column in columns]
        if too_large := schema_flaws(columns):
            raise Refused(too_large)
        return columns


def _bytes(columns: list[ColumnReading]) -> int:
    return len(msgspec.json.encode(columns))


def _kind_of(said: ColumnOverrule) -> Kind:
    return "number" if said.date_format is None else "date"


def looks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Part rows, in the order of the file, into those that are looked at together."""
    return batches(rows, _size(), BATCH_BYTES, BATCH)


def _size() -> Callable[[Row], int]:
    """Return what tells how many bytes of the file each row takes, asked in their order."""
    end = 0

    def size(row: Row) -> int:
        nonlocal end
        begin, end = end, row.end
        return end - begin

    return size


def infer(reader: Rows, dialect: Dialect | None = None, overrule: Overrule | None = None) -> Schema:
    """Read a whole file and return its schema.

    Raises:
        Refused: the file has flaws.
    """
    schema = Schema(reader, dialect, overrule)
    for batch in looks(reader):
        if not reader.flaws:
            schema.add(batch)
    if reader.flaws:
        raise Refused(reader.flaws)
    if schema.rows == 0:
        raise Refused([Flaw("the file has no rows")])
    return schema
