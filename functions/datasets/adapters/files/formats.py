"""The TableSource for Parquet files and workbooks: each is opened by its own reader."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from functions.datasets.model.reading.shapes import DialectOverrule, Format
from functions.datasets.service.ports import Table
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    from functions.datasets.adapters.files import bounded_workbook, parquet_table
else:
    parquet_table = Lazy("functions.datasets.adapters.files.parquet_table")
    bounded_workbook = Lazy("functions.datasets.adapters.files.bounded_workbook")

_PARQUET = b"PAR1"
_ZIP = b"PK\x03\x04"
# The first entry of a workbook's archive is one of these.
_PARTS = (b"[Content_Types].xml", b"xl/", b"_rels/", b"docProps/")


class FileTables:
    """Opens tables from a copy on disk: both formats are read from their end."""

    def recognised(self, head: bytes) -> Format | None:
        """See TableSource."""
        if head.startswith(_PARQUET):
            return "parquet"
        if head.startswith(_ZIP) and head[30:].startswith(_PARTS):
            return "xlsx"
        return None

    @contextmanager
    def open(self, kind: Format, chunks: Iterator[bytes], said: DialectOverrule) -> Iterator[Table]:
        """See TableSource."""
        with tempfile.TemporaryFile() as file:
            _fill(file, chunks)
            if kind == "parquet":
                with parquet_table.opened(file) as table:
                    yield table
            else:
                with bounded_workbook.opened(file, said) as sheet:
                    yield sheet


def _fill(file: IO[bytes], chunks: Iterator[bytes]) -> None:
    for chunk in chunks:
        file.write(chunk)
    file.seek(0)
