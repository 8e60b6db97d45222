"""A Parquet file as rows of cells, one row group in memory, each value exact."""

import datetime as dt
import decimal
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import IO, TYPE_CHECKING, Any

from functions.datasets.model.cells import render
from functions.datasets.model.detection.seen import Word
from functions.datasets.model.files.csv_rows import Refused
from functions.datasets.model.reading.previews import Decision
from functions.kit.contract.errors import Flaw
from functions.kit.contract.records.dates import in_utc
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import parquet

    from functions.datasets.model.reading.questions import Question
else:
    pa, pc = Lazy("pyarrow"), Lazy("pyarrow.compute")
    parquet = Lazy("pyarrow.parquet")

BATCH = 1_000
BATCH_BYTES = 64 * 1024 * 1024
"""Of the text of a batch, where a dictionary holds texts that are so long."""
# Bytes that a row group may take in memory.
GROUP_BYTES = 512 * 1024 * 1024


@contextmanager
def opened(file: IO[bytes]) -> Iterator["ParquetTable"]:
    """Open the table in a file; raises Refused."""
    try:
        found = parquet.ParquetFile(file)
    except (pa.ArrowException, OSError) as error:
        raise _broken(error) from error
    with found:
        yield ParquetTable(found, _Dictionaries(file, found.schema_arrow))


class ParquetTable:
    """The Table in a Parquet file.

    Args:
        found: the open file.
        dictionaries: of its columns of text.
    """

    def __init__(self, found: "parquet.ParquetFile", dictionaries: "_Dictionaries") -> None:
        self._parquet = found
        self._dictionaries = dictionaries
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
            for batch in self._batches():
                yield from map(
                    list, zip(*map(_cells, self._render, batch, self.header), strict=True)
                )
        except (pa.ArrowException, OSError) as error:
            raise _broken(error) from error

    def _batches(self) -> Iterator["pa.RecordBatch"]:
        for group in range(self._parquet.metadata.num_row_groups):
            longest = max(self._dictionaries.longest(group), 1)
            size = min(max(BATCH_BYTES // longest, 1), BATCH)
            yield from self._parquet.iter_batches(size, row_groups=[group], use_threads=False)


class _Dictionaries:
    """The dictionaries of columns of text: each holds a long text once, and rows hold it each.

    Args:
        file: a Parquet file.
        schema: of it.
    """

    def __init__(self, file: IO[bytes], schema: "pa.Schema") -> None:
        self._names = [field.name for field in schema if _is_text(field.type)]
        self._parquet = parquet.ParquetFile(file, read_dictionary=self._names)

    def longest(self, group: int) -> int:
        """Return the bytes of text that a row of a group may have by them at most."""
        if not self._names:
            return 0
        first = self._parquet.iter_batches(1, row_groups=[group], use_threads=False)
        return sum(_longest(column) for batch in islice(first, 1) for column in batch)


def _longest(column: "pa.Array") -> int:
    if not pa.types.is_dictionary(column.type) or not _is_text(column.type):
        return 0
    return pc.max(pc.binary_length(column.dictionary)).as_py() or 0


def _is_text(kind: "pa.DataType") -> bool:
    types = pa.types
    if types.is_dictionary(kind):
        kind = kind.value_type
    return any(one(kind) for one in (types.is_string, types.is_large_string, types.is_string_view))


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
    kind = field.type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    one = _word if _is_text(kind) else _ONE.get(_family(kind))
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


def _broken(error: Exception) -> Refused:
    reason = str(error).rstrip(".")
    return Refused([Flaw(f"the Parquet file cannot be read: {reason}; write it again")])
