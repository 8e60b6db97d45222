"""CSV: chunks of bytes to rows of cells, with flat memory and every flaw placed.

Pure: knows nothing of kinds, requests or storage. RFC 4180, and what files in the wild do: a
UTF-8 byte order mark, any line end, `;`, tab or `|` instead of commas, blank lines (skipped).
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from functions.datasets.model import limits
from functions.datasets.model.files.foreign import foreign
from functions.datasets.model.files.lines import LineTooLong, split_lines
from functions.datasets.model.reading.names import name_flaws, named
from functions.datasets.model.reading.shapes import Dialect
from functions.kit.contract.errors import Flaw
from functions.kit.contract.wording import counted

UTF_8 = ("utf-8", "utf-8-sig", "ascii")
DELIMITERS = (",", ";", "\t", "|")


class Refused(Exception):  # noqa: N818 - the file is refused
    """The file cannot be taken; `flaws` say where and why."""

    def __init__(self, flaws: list[Flaw]) -> None:
        super().__init__(flaws[0].reason)
        self.flaws = flaws


@dataclass(slots=True)
class Row:
    """One data row: its number from 1, its cells, and the byte of the file that it ends at."""

    number: int
    cells: list[str]
    end: int


class Reader:
    """Reads one CSV file.

    Iterating gives the good rows; flaws gather in `flaws` (at most `limits.FLAWS`, then reading
    stops). A file with flaws is to be refused whole. Once iteration began, `header` (the names of
    the columns), `sources` (what the file calls them), `delimiter` and `begin`, the byte at which
    the first row begins, are known.

    Args:
        chunks: the file's bytes in any pieces, in UTF-8.
        dialect: how it is written; without, what parts the cells is taken from the header.
        names: of columns that are to have another name than in the file.
        header: the columns, when reading begins behind them (`row` and `offset` say where).
        delimiter: what parts the cells; with `header` only.
        row: number of the last row before `chunks`.
        offset: bytes of the file before `chunks`.
    """

    def __init__(
        self,
        chunks: Iterable[bytes],
        *,
        dialect: Dialect | None = None,
        names: Mapping[str, str] | None = None,
        header: list[str] | None = None,
        delimiter: str = ",",
        row: int = 0,
        offset: int = 0,
    ) -> None:
        self._dialect = dialect
        self._names = names or {}
        self.header = header or []
        self.sources = self.header
        self.delimiter = delimiter if dialect is None else dialect.delimiter
        self.begin = offset
        self.flaws: list[Flaw] = []
        self._row = row
        self._offset = offset
        self._at_start = header is None
        self._bad_bytes: list[str] = []
        self._raw = split_lines(chunks, limits.RECORD_BYTES)
        self._lines = self._decoded()

    def __iter__(self) -> Iterator[Row]:
        """Yield the good rows; raises nothing, see `flaws`."""
        try:
            if self._at_start and not self._read_header():
                return
            yield from self._rows()
        except LineTooLong:
            self._note(
                f"a row is longer than {limits.RECORD_BYTES:,} bytes; end each with a line end",
                self._row + 1,
            )

    def _note(self, reason: str, row: int | None = None, column: str | None = None) -> None:
        if len(self.flaws) < limits.FLAWS:
            self.flaws.append(Flaw(reason, row=row, column=column))

    # Text ------------------------------------------------------------------------------------

    def _decoded(self) -> Iterator[str]:
        """Decode lines; what is wrong with their bytes waits for the row that it belongs to."""
        for line in self._raw:
            begin = self._offset
            self._offset += len(line)
            try:
                text = line.decode()
            except UnicodeDecodeError as error:
                self._bad_bytes.append(self._foreign_byte(line[error.start], begin + error.start))
                text = line.decode(errors="surrogateescape")
            if "\0" in text:
                at = begin + line.index(b"\0")
                self._bad_bytes.append(f"NUL byte at offset {at:,} of the file; remove it")
            yield text

    def _foreign_byte(self, byte: int, offset: int) -> str:
        encoding = "utf-8" if self._dialect is None else self._dialect.encoding
        if encoding not in UTF_8:  # it was turned into UTF-8 on the way: offsets are others
            return f"byte 0x{byte:02X} is none of {encoding}; say which encoding the file has"
        return (
            f"byte 0x{byte:02X} at offset {offset:,} of the file is not UTF-8; save the file as "
            "UTF-8 and upload it again, or say its encoding in the parameter reading"
        )

    def _note_bad_bytes(self, row: int | None, cells: list[str]) -> bool:
        """Report what `_decoded` found in the lines of this row; tell whether there was any."""
        if not self._bad_bytes:
            return False
        columns = [
            name
            for name, cell in zip(self.header, cells, strict=False)
            if "\0" in cell or (not cell.isascii() and _has_surrogate(cell))
        ]
        for place, reason in enumerate(self._bad_bytes):
            self._note(reason, row, columns[place] if place < len(columns) else None)
        self._bad_bytes.clear()
        return True

    # Header ----------------------------------------------------------------------------------

    def _read_header(self) -> bool:
        if self._dialect is not None and not self._dialect.header:
            return self._count_columns()
        first = next((line for line in self._lines if line.strip("\ufeff\r\n")), None)
        if first is None:
            self._note("the file is empty; its first line must name the columns")
            return False
        if what := foreign(first.encode(errors="surrogateescape")):
            self._note(what)
            return False
        if self._dialect is None:
            self.delimiter = guess_delimiter(first)
        cells = self._first_row(chain([first.removeprefix("\ufeff")], self._lines))
        if cells is None or self._note_bad_bytes(None, cells):
            return False
        self.begin = self._offset
        unnamed = [""] if self._dialect is not None and self._dialect.row_names else []
        return self._name(unnamed + [cell.strip() for cell in cells])

    def _count_columns(self) -> bool:
        """Name the columns of a file without a header by their places."""
        seen: list[bytes] = []

        def lines() -> Iterator[str]:
            for line in self._raw:
                seen.append(line)
                yield line.decode(errors="surrogateescape")

        cells = self._first_row(line for line in lines() if line.strip("\ufeff\r\n"))
        self._raw = chain(seen, self._raw)
        if cells is None:
            return False
        return self._name([f"column_{place}" for place in range(1, len(cells) + 1)])

    def _first_row(self, lines: Iterable[str]) -> list[str] | None:
        try:
            cells: list[str] = next(self._parser(lines))
        except csv.Error as error:
            self._note(f"the header cannot be read: {_explain(error)}")
        except StopIteration:
            self._note("the file is empty")
        else:
            return cells
        return None

    def _name(self, sources: list[str]) -> bool:
        self.sources, self.header = sources, named(sources, self._names)
        for reason, column in name_flaws(self.header):
            self._note(reason, column=column)
        return not self.flaws

    def _parser(self, lines: Iterable[str]) -> Any:
        quote = '"' if self._dialect is None else self._dialect.quote
        quoting: dict[str, Any] = (
            {"quotechar": quote} if quote else {"quoting": csv.QUOTE_NONE, "quotechar": None}
        )
        return csv.reader(lines, delimiter=self.delimiter, strict=True, **quoting)

    # Rows ------------------------------------------------------------------------------------

    def _rows(self) -> Iterator[Row]:
        parsed = self._parser(self._lines)
        names = sum(len(name.encode()) + 16 for name in self.header)
        while len(self.flaws) < limits.FLAWS:
            begin = self._offset
            try:
                cells = next(parsed)
            except StopIteration:
                break
            except csv.Error as error:
                self._row += 1
                self._bad_bytes.clear()
                self._note(_explain(error), self._row)
                if _swallowed_the_rest(error):
                    return
                continue
            if not cells:  # a blank line
                continue
            self._row += 1
            size = self._offset - begin
            if self._is_good(cells, size, names):
                yield Row(self._row, cells, self._offset)
        if self._row == 0 and not self.flaws:
            self._note("the file has a header and no rows; add at least one")

    def _is_good(self, cells: list[str], size: int, names: int) -> bool:
        bad = self._note_bad_bytes(self._row, cells)
        if len(cells) != len(self.header):
            bad = True
            self._note_width(len(cells))
        if size > limits.CELL_LENGTH:
            bad = self._has_long_cell(cells) or bad
        if size + names > limits.RECORD_BYTES:
            bad = True
            self._note(
                f"the row is longer than {limits.RECORD_BYTES:,} bytes; shorten it", self._row
            )
        if self._row > limits.ROWS:
            bad = True
            self._note(f"the file has more than {limits.ROWS:,} rows; split it", self._row)
        return not bad

    def _note_width(self, width: int) -> None:
        few = width < len(self.header)
        remedy = (
            "add those that are missing, empty if they have no value"
            if few
            else "quote a cell that holds the delimiter"
        )
        self._note(
            f"the row has {counted(width, 'cell')}, the header has {len(self.header)} "
            f"(parted by {_named(self.delimiter)}); {remedy}",
            self._row,
            self.header[width] if few else None,
        )

    def _has_long_cell(self, cells: list[str]) -> bool:
        long = [
            name
            for name, cell in zip(self.header, cells, strict=False)
            if len(cell) > limits.CELL_LENGTH
        ]
        for name in long:
            self._note(
                f"the cell is longer than {limits.CELL_LENGTH:,} characters; shorten it",
                self._row,
                name,
            )
        return bool(long)


def guess_delimiter(header: str) -> str:
    """Return what parts the cells of a header line: a comma where there is one outside quotes."""
    outside = "".join(header.split('"')[::2])
    return max(DELIMITERS, key=lambda mark: (mark == "," and mark in outside, outside.count(mark)))


def _has_surrogate(text: str) -> bool:
    return any("\udc80" <= letter <= "\udcff" for letter in text)


def _named(delimiter: str) -> str:
    names = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", " ": "spaces"}
    return names.get(delimiter, repr(delimiter))


def _swallowed_the_rest(error: csv.Error) -> bool:
    return "unexpected end" in str(error) or "field limit" in str(error)


def _explain(error: csv.Error) -> str:
    text = str(error)
    if "unexpected end" in text:
        return "a quote that opens in this row is never closed; close it, or double it"
    if "field limit" in text:
        return (
            f"a cell is longer than {limits.CELL_LENGTH:,} characters; shorten it, or close the "
            "quote that opens in this row and is never closed"
        )
    if "expected after" in text:
        return "text follows a closing quote; double the quotes inside a quoted cell"
    return text
