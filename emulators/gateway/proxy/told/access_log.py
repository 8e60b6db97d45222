"""The access log: one JSON line for each call, written together at short intervals."""

import contextlib
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from time import time
from typing import BinaryIO

import msgspec

from emulators.gateway.http.heads import request_line
from emulators.gateway.proxy.told.record import CallRecord

_LIMIT = 20 * 1024 * 1024
_CACHED_LENGTH = 256  # longer addresses are rare, and must not fill the memory
_FLUSH_BYTES = 256 * 1024


class Entry(msgspec.Struct, omit_defaults=True):
    """One call. Times in milliseconds.

    Attributes:
        waited_ms: Until a replica was there.
        cold: Whether it was its replica's first call.
        trace: The trace's id.
        asynchronous: Whether it came from the queue.
    """

    time: str
    call: str
    function: str
    revision: str
    method: str
    path: str
    status: int
    duration_ms: float
    waited_ms: float
    replica: str = ""
    trace: str = ""
    cold: bool = False
    asynchronous: bool = False


class AccessLog:
    """Collects lines; `flush` writes them (a kill loses those of the last half second).

    Args:
        path: The file; one older one is kept beside it as ``.1``. None: nothing is logged.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._lines = bytearray()
        self._encoder = msgspec.json.Encoder()
        self._second = 0
        self._stamp = ""
        self._file: BinaryIO | None = None

    def note(self, call: CallRecord, status: int, seconds: float) -> None:
        """Take in a call that is over, after so many seconds."""
        if self._path is None:
            return
        head = call.head
        line = head[: head.index(b"\r\n")]
        method, path = _line_of(line) if len(line) < _CACHED_LENGTH else _read(line)
        waited = call.assigned_at - call.begun if call.assigned_at else seconds
        entry = Entry(
            self._time(), call.call_id.decode("latin-1"), call.function_label, call.revision_name,
            method, path, status, _milliseconds(seconds), _milliseconds(waited), call.served_by,
            call.trace.decode(), call.cold, call.asynchronous,
        )  # fmt: skip
        self._encoder.encode_into(entry, self._lines, -1)
        self._lines += b"\n"
        if len(self._lines) > _FLUSH_BYTES:
            self.flush()

    def _time(self) -> str:
        """Write the time of day as RFC 3339; the part that changes once a second is kept."""
        now = time()
        whole = int(now)
        if whole != self._second:
            self._second = whole
            self._stamp = datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        return f"{self._stamp}.{int((now - whole) * 1000):03d}Z"

    def flush(self) -> None:
        """Write what was collected; a full disk loses lines, never the gateway."""
        if not self._lines or self._path is None:
            return
        with contextlib.suppress(OSError):
            file = self._opened(self._path)
            file.write(self._lines)
            file.flush()
            if file.tell() > _LIMIT:
                self.close()
                self._path.replace(self._path.with_name(self._path.name + ".1"))
        self._lines.clear()

    def close(self) -> None:
        """Close the file; a later line opens it again."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _opened(self, path: Path) -> BinaryIO:
        if self._file is None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("ab")
        return self._file


def _read(line: bytes) -> tuple[str, str]:
    method, path = request_line(line + b"\r\n")
    return method.decode("latin-1"), path.decode("latin-1")


_line_of = lru_cache(maxsize=1024)(_read)


def _milliseconds(seconds: float) -> float:
    """Return them with three decimals, as `round` does at four times the cost."""
    return int(seconds * 1e6 + 0.5) / 1000
