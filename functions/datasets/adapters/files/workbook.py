"""A sheet of an Excel workbook (.xlsx) as rows of cells."""

import datetime as dt
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import IO, TYPE_CHECKING, Any

from functions.datasets.model.cells import render
from functions.datasets.model.detection import dialects
from functions.datasets.model.files.csv_rows import Refused
from functions.datasets.model.reading.previews import Decision
from functions.datasets.model.reading.questions import header_questions
from functions.datasets.model.reading.shapes import DialectOverrule
from functions.kit.contract.errors import Flaw
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import python_calamine as calamine
else:
    calamine = Lazy("python_calamine")

# Bytes that a workbook may unpack to: it is held in memory.
UNPACKED_BYTES = 256 * 1024 * 1024
_PIECE = 1024 * 1024
_LOCAL_HEADER = 30  # bytes before the name of an entry


class Workbook:
    """The Table in a sheet: the first, or the one that is named.

    Args:
        file: open, at its start.
        said: what somebody said of it.
    """

    def __init__(self, file: IO[bytes], said: DialectOverrule) -> None:
        _check_size(file)
        try:
            book = calamine.load_workbook(file)
            self.sheet: str | None = _sheet(book.sheet_names, said.sheet)
            sheet = book.get_sheet_by_name(self.sheet or "")
        except calamine.CalamineError as error:
            raise Refused([Flaw(f"the workbook cannot be read: {error}; save it again")]) from error
        rows = map(_cells, sheet.iter_rows())
        filled = (row for row in rows if any(row))
        sample = list(islice(filled, dialects.SAMPLE))
        self._rows: Iterator[list[str]] = chain(sample, filled)
        found = dialects.header(sample)
        self.has_header = bool(found.value) if said.header is None else said.header
        self.questions = [] if said.header is not None else header_questions(found, sample)
        self.decisions = [
            Decision("sheet", self.sheet, 1.0, f"of {', '.join(book.sheet_names)}"),
            Decision("header", self.has_header, found.sure, found.reason),
        ]
        self.header = self._named(sample)

    def _named(self, sample: list[list[str]]) -> list[str]:
        if not sample:
            raise Refused([Flaw(f"the sheet '{self.sheet}' is empty", column=None)])
        if self.has_header:
            return [cell.strip() for cell in next(self._rows)]
        return [f"column_{place}" for place in range(1, len(sample[0]) + 1)]

    def rows(self) -> Iterator[list[str]]:
        """See Table."""
        width = len(self.header)
        for row in self._rows:
            yield (row + [""] * width)[:width]


def _sheet(names: list[str], wanted: str | None) -> str:
    if wanted is not None and wanted not in names:
        known = ", ".join(names)
        raise Refused([Flaw(f"the workbook has no sheet '{wanted[:80]}'; it has {known}")])
    if not names:
        raise Refused([Flaw("the workbook has no sheets")])
    return wanted or names[0]


def _cells(row: Iterable[Any]) -> list[str]:
    return [_cell(value) for value in row]


def _cell(value: Any) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, str | int | float | bool | dt.date):
        return render(value)
    return str(value)  # a duration, or a time of day


def _check_size(file: IO[bytes]) -> None:
    """Unpack every entry once, without keeping it: the sizes that an archive states may be lies."""
    try:
        left = UNPACKED_BYTES
        with zipfile.ZipFile(file) as archive:
            for entry in archive.infolist():
                left -= _size(file, entry, left)
    except (zipfile.BadZipFile, zlib.error, OSError) as error:
        raise Refused([Flaw(f"the workbook cannot be read: {error}; save it again")]) from error
    file.seek(0)


def _size(file: IO[bytes], entry: zipfile.ZipInfo, most: int) -> int:
    """Return how many bytes an entry unpacks to; raises Refused for more than `most`."""
    file.seek(entry.header_offset)
    head = file.read(_LOCAL_HEADER)
    file.seek(int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little"), 1)
    left, size = entry.compress_size, 0
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    while left > 0 and (chunk := file.read(min(_PIECE, left))):
        left -= len(chunk)
        if entry.compress_type == zipfile.ZIP_STORED:
            size += len(chunk)
        while chunk and entry.compress_type != zipfile.ZIP_STORED and size <= most:
            size += len(inflate.decompress(chunk, _PIECE))
            chunk = inflate.unconsumed_tail
        if size > most:
            raise Refused([Flaw(f"the workbook unpacks to more than {UNPACKED_BYTES:,} bytes")])
    return size
