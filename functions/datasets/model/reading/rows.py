"""A file's rows as values: each cell by the reading of its column."""

from collections.abc import Callable, Iterable, Sequence

from msgspec.structs import replace

from functions.datasets.model import cells
from functions.datasets.model.detection import missing
from functions.datasets.model.files.csv_rows import Reader, Row
from functions.datasets.model.files.json_rows import JsonReader
from functions.datasets.model.reading import reasons, spellings
from functions.datasets.model.reading.numbers import PLAIN, Marks
from functions.datasets.model.reading.shapes import ColumnReading, Dialect, Reading
from functions.datasets.model.reading.spellings import Spelling
from functions.kit.contract.records import dates
from functions.kit.contract.records.columns import Column

Parse = Callable[[str], cells.Value]


def parser(column: ColumnReading, dialect: Dialect) -> Parse:
    """Return what turns a cell of the column into its value; it raises NotOfKind."""
    gone = frozenset(dialect.missing if column.missing is None else column.missing)
    if column.kind in {"text", "category"}:
        return lambda cell: None if cells.is_blank(cell) or cell.strip() in gone else str(cell)
    gone |= missing.AMONG_VALUES
    read = _reader(spelling_of(column, dialect))

    def parse(cell: str) -> cells.Value:
        text = cell.strip()
        return None if not text or text in gone else read(text)

    return parse


def _reader(spelling: Spelling) -> Parse:
    """Return what reads a text without spaces around it; the usual ways to write are faster."""
    is_usual = spelling.marks == PLAIN and spelling.date_format in {"", dates.ISO}
    if is_usual and spelling.kind in cells.PARSERS:
        return cells.PARSERS[spelling.kind]

    def read(text: str) -> cells.Value:
        value = spellings.parse(text, spelling)
        if value is None:
            raise cells.NotOfKind(reasons.wanted(spelling))
        return value

    return read


def spelling_of(column: ColumnReading, dialect: Dialect) -> Spelling:
    """Return how the values of a column are written."""
    decimal = dialect.decimal if column.decimal is None else column.decimal
    thousands = dialect.thousands if column.thousands is None else column.thousands
    usual = {"date": "%Y-%m-%d", "datetime": "iso"}.get(column.kind, "")
    marks = Marks(decimal, thousands, column.unit or "")
    return Spelling(column.kind, marks, column.date_format or usual)


def reading_of(columns: Sequence[Column], delimiter: str = ",") -> Reading:
    """Return how a file is read that was taken before readings were kept."""
    plain = [ColumnReading(name=one.name, kind=one.kind) for one in columns]
    return Reading(dialect=Dialect(delimiter=delimiter, missing=[]), columns=plain)


def as_stored(reading: Reading) -> Reading:
    """Return how the form is read in which the bucket keeps a file: text in UTF-8.

    Files of text are kept as they are, but for their encoding; what was none is kept as CSV.
    """
    dialect = reading.dialect
    stored = replace(dialect, encoding="utf-8", compressed=False)
    if dialect.format in {"parquet", "xlsx"}:
        stored = replace(stored, format="csv", delimiter=",", quote='"', header=True)
    return replace(reading, dialect=stored)


def parsers(reading: Reading) -> list[tuple[str, Parse]]:
    """Return what reads the cells of a row: for each column its name, and its parser."""
    return [(one.name, parser(one, reading.dialect)) for one in reading.columns]


def to_values(row: Row, columns: Sequence[tuple[str, Parse]]) -> dict[str, cells.Value]:
    """Return the values of a row by column; raises NotOfKind."""
    return {name: parse(cell) for (name, parse), cell in zip(columns, row.cells, strict=True)}


def cell_rows(
    chunks: Iterable[bytes], reading: Reading, *, row: int = 0, offset: int = 0
) -> "Reader | JsonReader":
    """Return what reads the cells of a file of text behind row `row`, which ends at `offset`."""
    if reading.dialect.format == "jsonl":
        return JsonReader(chunks, header=reading.sources, row=row, offset=offset)
    names = [one.name for one in reading.columns]
    return Reader(chunks, dialect=reading.dialect, header=names, row=row, offset=offset)
