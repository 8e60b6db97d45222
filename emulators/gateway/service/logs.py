"""Log files of functions: one line for each line a replica writes, rotated by size."""

import asyncio
import contextlib
import re
import time
from collections import deque
from pathlib import Path
from typing import BinaryIO

import msgspec

from emulators.gateway.model.moments import timestamp

_MAX_BYTES = 10 * 1024 * 1024
_LONGEST_LINE = 64 * 1024
_LAST_LINES = 10
# As structlog and the standard library's JSON write the level of what went wrong.
_ERROR = re.compile(rb'"level": ?"(?:error|critical|fatal)"', re.IGNORECASE)


class LogLine(msgspec.Struct, frozen=True):
    """One line: when (RFC 3339, UTC), which replica, what."""

    timestamp: str
    instance: str
    text: str


class LogFile:
    """Appends lines as ``<time> <instance> <text>``; keeps one older file, ``.1``.

    Args:
        path: The file; made when the first line comes.
        limit: Size in bytes at which it is put aside.

    Attributes:
        errors: Lines of JSON so far whose level says that something went wrong.
    """

    def __init__(self, path: Path, limit: int = _MAX_BYTES) -> None:
        self._path = path
        self._limit = limit
        self.errors = 0
        self._file: BinaryIO | None = None
        self._listeners: set[asyncio.Queue[LogLine]] = set()

    def write(self, instance: str, lines: list[bytes]) -> None:
        """Append lines of one replica; a full disk loses them, never the gateway."""
        now = timestamp(time.time(), "milliseconds")
        prefix = f"{now} {instance} ".encode()
        self.errors += sum(_ERROR.search(text) is not None for text in lines)
        with contextlib.suppress(OSError):
            file = self._opened()
            file.write(b"".join(prefix + text + b"\n" for text in lines))
            file.flush()
            if file.tell() > self._limit:
                self._rotate()
        for listener in self._listeners:
            with contextlib.suppress(asyncio.QueueFull):  # a reader that slow misses lines
                for text in lines:
                    listener.put_nowait(LogLine(now, instance, text.decode(errors="replace")))

    @property
    def path(self) -> Path:
        """Where it is."""
        return self._path

    def read(self) -> list[LogLine]:
        """Return every line kept, oldest first."""
        found = []
        for path in (self._path.with_name(self._path.name + ".1"), self._path):
            with contextlib.suppress(FileNotFoundError):
                for text in path.read_text(encoding="utf-8", errors="replace").split("\n"):
                    parts = text.split(" ", 2)
                    if len(parts) == 3:
                        found.append(LogLine(*parts))
        return found

    def listen(self, queue: asyncio.Queue[LogLine]) -> "Listening":
        """Put lines to come into a queue until the result is closed."""
        self._listeners.add(queue)
        return Listening(self._listeners, queue)

    def close(self) -> None:
        """Close the file; a later line opens it again."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _opened(self) -> BinaryIO:
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("ab")
        return self._file

    def _rotate(self) -> None:
        self.close()
        self._path.replace(self._path.with_name(self._path.name + ".1"))


class Listening:
    """A listener's place; leaving it ends the listening."""

    def __init__(
        self, listeners: set[asyncio.Queue[LogLine]], queue: asyncio.Queue[LogLine]
    ) -> None:
        self._listeners = listeners
        self._queue = queue

    def close(self) -> None:
        """Listen no more."""
        self._listeners.discard(self._queue)


class LogPipe(asyncio.Protocol):
    """Reads what one replica writes and appends it line by line.

    Args:
        file: Where the lines go.
        instance: The replica's name.

    Attributes:
        last: What it wrote last.
        closed: Set when it, and whoever else wrote there, is gone.
    """

    def __init__(self, file: LogFile, instance: str) -> None:
        self._file = file
        self._instance = instance
        self._rest = b""
        self.last: deque[bytes] = deque(maxlen=_LAST_LINES)
        self.closed = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        """Take bytes as they come; keep an unfinished line for later."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > _LONGEST_LINE:
            lines.append(self._rest)
            self._rest = b""
        if lines:
            self._write(lines)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the interface's
        """Take the last words of a replica that is gone."""
        if self._rest:
            self._write([self._rest])
        self.closed.set()

    def _write(self, lines: list[bytes]) -> None:
        self.last.extend(lines)
        self._file.write(self._instance, lines)
