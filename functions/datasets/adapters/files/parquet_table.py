"""A Parquet file as rows of cells, one row group in memory, each value exact."""

import datetime as dt
import decimal
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from functions.datasets.model.cells import render
from functions.datasets.model.detection.seen import Word
from functions.datasets.model.files.csv_rows import Refused
from functions.datasets.model.reading.previews import Decision
from functions.kit.contract.dates import in_utc
from functions.kit.contract.errors import Flaw
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow import parquet

    from functions.datasets.model.reading.questions import Question
else:
    pa = Lazy("pyarrow")
    parquet = Lazy("pyarrow.parquet")

BATCH = 1_000
# Bytes that a row group may take in memory.
GROUP_BYTES = 512 * 1024 * 1024


@contextmanager
def opened(file: IO[bytes]) -> Iterator["ParquetTable"]:
    """Open the table in a file; raises Refused."""
    try:
        found = parquet.ParquetFile(file)
    except (pa.ArrowException, OSError) as error:
        raise Refused([Flaw(f"the Parquet file cannot be read: {error}")]) from error
    with found:
        yield ParquetTable(found)


class ParquetTable:
    """The Table in a Parquet file.

    Args:
        found: the open file.
    """

    def __init__(self, found: "parquet.ParquetFile") -> None:
        self._parquet = found
        schema = self._parquet.schema_arrow
        self.header = list(schema.names)
        self.has_header = True
        self.sheet: str | None = None
        self.decisions = [Decision("columns", self.header, 1.0, "the file has their types")]
        self.questions: list[Question] = []
        self._render = [_renderer(field) for field in schema]
        self._check_size()

    def _check_size(self) -> None:
        meta = self._parquet.metadata
        for place in range(meta.num_row_groups):
            size = meta.row_group(place).total_byte_size
            if size > GROUP_BYTES:
                reason = (
                    f"row group {place + 1} takes {size:,} bytes, the limit is {GROUP_BYTES:,}; "
                    "write it in smaller row groups"
                )
                raise Refused([Flaw(reason)])

    def rows(self) -> Iterator[list[str]]:
        """See Table."""
        try:
            for batch in self._parquet.iter_batches(batch_size=BATCH, use_threads=False):
                yield from map(
                    list, zip(*map(_cells, self._render, batch, self.header), strict=True)
                )
        except (pa.ArrowException, OSError) as error:
            raise Refused([Flaw(f"the Parquet file cannot be read: {error}")]) from error


def _cells(render: Callable[[list[Any]], list[str]], column: "pa.Array", name: str) -> list[str]:
    """Return the cells of a column; raises Refused for what Python has no value of."""
    try:
        return render(_plain(column))
    except (OverflowError, UnicodeDecodeError) as error:
        reason = f"it holds text that is not UTF-8, or a day beyond the years 1 to 9999 ({error})"
        raise Refused([Flaw(reason, column=name)]) from error


def _plain(column: "pa.Array") -> list[Any]:
    """Return the values of a column; moments in microseconds, which is refused where it loses."""
    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        column = column.cast(pa.timestamp("us", tz=column.type.tz))
    values: list[Any] = column.to_pylist()
    return values


def _renderer(field: "pa.Field") -> Callable[[list[Any]], list[str]]:
    """Return what turns the values of a column into cells; raises Refused for other types."""
    kind, types = field.type, pa.types
    if types.is_dictionary(kind):
        kind = kind.value_type
    text = types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind)
    one = _word if text else _ONE.get(_family(kind))
    if one is None:
        reason = f"a column of {kind} cannot be taken; leave it out, or write it as text or numbers"
        raise Refused([Flaw(reason, column=field.name)])
    return lambda values: ["" if value is None else one(value) for value in values]


def _family(kind: "pa.DataType") -> str:
    types = pa.types
    families = {
        "integer": types.is_integer,
        "float": types.is_floating,
        "decimal": types.is_decimal,
        "boolean": types.is_boolean,
        "date": types.is_date,
        "moment": types.is_timestamp,
        "nothing": types.is_null,
    }
    return next((name for name, holds in families.items() if holds(kind)), "")


def _word(value: str) -> str:
    return Word(value)


def _float(value: float) -> str:
    return "" if math.isnan(value) else str(value)


def _decimal(value: decimal.Decimal) -> str:
    """Return a decimal as a number where a float holds it exactly enough, else as a word."""
    text = format(value, "f")
    return text if decimal.Decimal(repr(float(value))) == value else Word(text)


def _moment(value: dt.datetime) -> str:
    return render(in_utc(value))


_ONE: dict[str, Callable[[Any], str]] = {
    "integer": str,
    "float": _float,
    "decimal": _decimal,
    "boolean": render,
    "date": render,
    "moment": _moment,
    "nothing": str,
}
