"""Reads JSON Lines, a row a line, as the texts that cells of CSV would be."""

from collections.abc import Callable, Iterator
from typing import IO

import msgspec
import pyarrow as pa

from functions.kit.contract.errors import Flaw, Unreadable

READ_BYTES = 1 << 20
LONGEST_LINE = 16 << 20
BATCH_ROWS = 20_000
_ROW = msgspec.json.Decoder(dict[str, msgspec.Raw])
_TEXT = msgspec.json.Decoder(str)
_WANTED = 'write a row a line, as {"age": 29, "sex": "female"}'


def batches(file: IO[bytes], check: Callable[[list[str]], None]) -> Iterator[pa.RecordBatch]:
    """Yield the rows, all cells as texts; what a row has not, and null, is empty.

    The file is read twice: a column may be named by its last line alone.

    Args:
        file: at its beginning; it can be read again.
        check: raises what is wrong with the names of the columns.

    Raises:
        Unreadable: a line is no row; it names the line.
    """
    names: dict[str, None] = {}
    for number, row in _rows(file):
        names |= dict.fromkeys(row)
        for name, value in row.items():
            _check_text(number, name, value)
    check([*names])
    file.seek(0)
    held: list[dict[str, msgspec.Raw]] = []
    for _, row in _rows(file):
        held.append(row)
        if len(held) == BATCH_ROWS:
            yield _batch([*names], held)
            held = []
    if held:
        yield _batch([*names], held)


def _batch(names: list[str], rows: list[dict[str, msgspec.Raw]]) -> pa.RecordBatch:
    columns = [pa.array([_cell(row.get(name)) for row in rows], pa.string()) for name in names]
    return pa.RecordBatch.from_arrays(columns, names)


def _cell(value: msgspec.Raw | None) -> str:
    """Return a value as text: a number by the digits that it was written with."""
    raw = b"" if value is None else bytes(value).strip()
    if raw.startswith(b'"'):
        return _TEXT.decode(raw)
    return "" if raw == b"null" else raw.decode()


def _rows(file: IO[bytes]) -> Iterator[tuple[int, dict[str, msgspec.Raw]]]:
    for number, line in _lines(file):
        try:
            row = _ROW.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise _bad(number, "", f"it is no JSON object ({error})") from error
        yield number, row


def _check_text(number: int, name: str, value: msgspec.Raw) -> None:
    """Refuse a text that is not UTF-8; JSON as such has been looked at."""
    try:
        _cell(value)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _bad(number, name, f"it cannot be read ({error})") from error


def _lines(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield lines that have anything in them, each with its number from 1."""
    rest, number = b"", 0
    while chunk := file.read(READ_BYTES):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            number += 1
            if line.strip():
                yield number, line
        if len(rest) > LONGEST_LINE:
            raise _bad(number + 1, "", f"it is longer than {LONGEST_LINE >> 20} MiB")
    if rest.strip():
        yield number + 1, rest


def _bad(number: int, column: str, reason: str) -> Unreadable:
    where = f"Line {number:,}" + (f", '{column}'" if column else "")
    flaw = Flaw(reason, row=number, column=column or None)
    return Unreadable(f"{where}: {reason}; {_WANTED}.", flaw)
