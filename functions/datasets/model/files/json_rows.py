"""JSON Lines: each line an object, whose keys name the columns; typed, digit for digit."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from functions.datasets.model import limits
from functions.datasets.model.detection.seen import Word
from functions.datasets.model.files.csv_rows import Row
from functions.datasets.model.files.lines import LineTooLong, split_lines
from functions.datasets.model.reading.names import name_flaws
from functions.kit.contract.errors import Flaw


class _Number(str):
    """A number as the file writes it."""

    __slots__ = ()


def _constant(word: str) -> str:
    return _Number("" if word == "NaN" else word)  # infinity is a flaw of whoever reads it


_DECODER = json.JSONDecoder(parse_float=_Number, parse_int=_Number, parse_constant=_constant)


class JsonReader:
    """Reads one file of JSON Lines; see `csv_rows.Reader`.

    `header` grows with the keys of the lines; the cells of earlier rows are as many as it had.

    Args:
        chunks: the file's bytes in any pieces, in UTF-8.
        names: of columns that are to have another name than in the file.
        header: the keys, when all of them are known.
        row: number of the last row before `chunks`.
        offset: bytes of the file before `chunks`.
    """

    def __init__(
        self,
        chunks: Iterable[bytes],
        *,
        names: Mapping[str, str] | None = None,
        header: Iterable[str] = (),
        row: int = 0,
        offset: int = 0,
    ) -> None:
        self._names = names or {}
        self._places = {name: place for place, name in enumerate(header)}
        self.begin = offset
        self.flaws: list[Flaw] = []
        self._row = row
        self._offset = offset
        self._lines = split_lines(chunks, limits.RECORD_BYTES)

    @property
    def sources(self) -> list[str]:
        """The keys so far."""
        return list(self._places)

    @property
    def header(self) -> list[str]:
        """The names of the columns so far."""
        return [self._names.get(name, name) for name in self._places]

    def __iter__(self) -> Iterator[Row]:
        """Yield the good rows; raises nothing, see `flaws`."""
        try:
            for line in self._lines:
                self._offset += len(line)
                if line.strip(b"\xef\xbb\xbf \t\r\n"):
                    self._row += 1
                    yield from self._read(line)
                if len(self.flaws) >= limits.FLAWS:
                    return
        except LineTooLong:
            self._note(f"a line is longer than {limits.RECORD_BYTES:,} bytes", self._row + 1)

    def _note(self, reason: str, row: int | None, column: str | None = None) -> None:
        self.flaws.append(Flaw(reason, row=row, column=column))

    def _read(self, line: bytes) -> Iterator[Row]:
        try:
            found = _DECODER.decode(line.decode("utf-8-sig"))
        except ValueError as error:
            self._note(f"the line is not JSON{_place(error)}; write one object a line", self._row)
            return
        except RecursionError:
            self._note("the line holds values within values, too deep to be read", self._row)
            return
        if not isinstance(found, dict):
            self._note("the line is not a JSON object such as {'age': 3}", self._row)
            return
        before = len(self.flaws)
        cells = self._cells(found)
        if len(self.flaws) == before:
            yield Row(self._row, cells, self._offset)

    def _cells(self, found: dict[str, Any]) -> list[str]:
        for name in found:
            if name not in self._places:
                self._add(name)
        return [self._cell(name, found.get(name)) for name in self._places]

    def _add(self, name: str) -> None:
        called = self._names.get(name, name)
        reason = next((why for why, _ in name_flaws([called])), None)
        if called != name and called in self.header:
            reason = "two columns have this name"
        if reason or len(self._places) == limits.COLUMNS:
            self._note(reason or f"more than {limits.COLUMNS:,} columns", self._row, called)
        else:
            self._places[name] = len(self._places)

    def _cell(self, name: str, value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, _Number):
            return str(value)
        if not isinstance(value, str):
            self._note("the value is a list or an object; keep one value a column", self._row, name)
            return ""
        if len(value) > limits.CELL_LENGTH:
            self._note(f"longer than {limits.CELL_LENGTH:,} characters", self._row, name)
        if "\0" in value:
            self._note("text cannot hold NUL", self._row, name)
        return Word(value)


def _place(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f" from its character {error.pos + 1} on"
    return ""  # it is not UTF-8, or a number is too long
