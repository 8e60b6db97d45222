"""The Table in a workbook, which another process reads (`workbook_process`)."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import msgspec

from functions.datasets.adapters.bounds import MEMORY
from functions.datasets.adapters.files.workbook_process import (
    LENGTH,
    NO_ROOM,
    SECONDS,
    Frame,
    Head,
)
from functions.datasets.model.detection.seen import Word
from functions.datasets.model.files.csv_rows import Refused
from functions.datasets.model.reading.shapes import DialectOverrule
from functions.kit.contract.errors import Flaw

_PROGRAM = "functions.datasets.adapters.files.workbook_process"
_head = msgspec.msgpack.Decoder(Head)
_frame = msgspec.msgpack.Decoder(Frame)
INSTEAD = "save the sheet as 'CSV UTF-8' and upload that"
_TOO_MUCH = (
    f"the workbook cannot be read within {MEMORY:,} bytes of memory: it has cells far from all "
    f"others, or long texts again and again; {INSTEAD}"
)
_TOO_LONG = f"the workbook cannot be read within {SECONDS} s; {INSTEAD}"


@contextmanager
def opened(file: IO[bytes], said: DialectOverrule) -> Iterator["BoundedWorkbook"]:
    """Open the table in a file that stands at its start; raises Refused."""
    with subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", _PROGRAM, msgspec.json.encode(said).decode()],
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": os.pathsep.join(sys.path)},
    ) as process:
        try:
            yield BoundedWorkbook(process)
        finally:
            process.kill()  # whoever wanted no more rows need not wait for them


class BoundedWorkbook:
    """The Table that a process writes.

    Args:
        process: that has just been started.
    """

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        head = _head.decode(self._next())
        if head.flaws:
            raise Refused(head.flaws)
        self.header, self.has_header, self.sheet = head.header, head.has_header, head.sheet
        self.decisions, self.questions = head.decisions, head.questions

    def rows(self) -> Iterator[list[str]]:
        """See Table."""
        while not (frame := _frame.decode(self._next())).is_last:
            if frame.flaws:
                raise Refused(frame.flaws)
            for row in frame.rows:
                yield [cell if type(cell) is str else Word(cell, "utf-8") for cell in row]

    def _next(self) -> bytes:
        """Return the next frame; raises Refused where the process came to an end without one."""
        out = self._process.stdout
        assert out is not None
        size = out.read(LENGTH.size)
        data = out.read(LENGTH.unpack(size)[0]) if len(size) == LENGTH.size else b""
        if not data:
            raise _ended_by(self._process.wait())
        return data


def _ended_by(status: int) -> Exception:
    """Return why a process that came to such an end read no workbook."""
    if status in {NO_ROOM, -signal.SIGABRT, -signal.SIGKILL}:
        return Refused([Flaw(_TOO_MUCH)])
    if status == -signal.SIGXCPU:
        return Refused([Flaw(_TOO_LONG)])
    return RuntimeError(f"{_PROGRAM} ended with {status}")
