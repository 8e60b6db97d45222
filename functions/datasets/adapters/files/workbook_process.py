"""Reads a workbook in a process of its own: one that takes too much memory ends that alone.

A workbook of a kilobyte may name two cells that are a million rows apart, or one long text ten
million times; its reader holds all of that, and aborts where there is no room. So this process
bounds itself, reads the file that is its standard input, and writes frames to its standard output:
a Head, then Frames. `bounded_workbook` runs it.
"""

import struct
import sys
from collections.abc import Iterable
from itertools import islice
from typing import Any

import msgspec

from functions.datasets.adapters.bounds import bound
from functions.datasets.adapters.files import workbook
from functions.datasets.model.files.csv_rows import Refused
from functions.datasets.model.reading.previews import Decision
from functions.datasets.model.reading.questions import Question
from functions.datasets.model.reading.shapes import DialectOverrule
from functions.kit.contract.errors import Flaw

SECONDS = 300
"""Of processor time."""
NO_ROOM = 77
"""The status of a process that met its bound of memory, and could still say so."""
LENGTH = struct.Struct(">I")
ROWS = 1_000


class Head(msgspec.Struct, omit_defaults=True):
    """What there is to say of a table before its rows; see `ports.Table`."""

    header: list[str] = []
    has_header: bool = True
    sheet: str | None = None
    decisions: list[Decision] = []
    questions: list[Question] = []
    flaws: list[Flaw] = []


class Frame(msgspec.Struct, omit_defaults=True):
    """Rows of a table; what is text by the file's own word is bytes.

    Attributes:
        flaws: why no more can be read.
        is_last: whether that is all: what breaks off is no table.
    """

    rows: list[list[Any]] = []
    flaws: list[Flaw] = []
    is_last: bool = False


# What is encoded by this hook are Words: MessagePack knows text, but no kinds of it.
_encoder = msgspec.msgpack.Encoder(enc_hook=str.encode)


def main() -> None:
    """Read one workbook."""
    bound(SECONDS)
    try:
        _read(msgspec.json.decode(sys.argv[1], type=DialectOverrule))
    except MemoryError:
        sys.exit(NO_ROOM)


def _read(said: DialectOverrule) -> None:
    try:
        table = workbook.Workbook(sys.stdin.buffer, said)
    except Refused as error:
        _write(Head(flaws=error.flaws))
        return
    names = ("header", "has_header", "sheet", "decisions", "questions")
    _write(Head(**{name: getattr(table, name) for name in names}))
    try:
        _write_rows(table.rows())
    except Refused as error:
        _write(Frame(flaws=error.flaws))


def _write_rows(rows: Iterable[list[Any]]) -> None:
    found = iter(rows)
    while some := list(islice(found, ROWS)):
        _write(Frame(some))
    _write(Frame(is_last=True))


def _write(frame: Head | Frame) -> None:
    data = _encoder.encode(frame)
    sys.stdout.buffer.write(LENGTH.pack(len(data)) + data)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
