"""The disk below SQLite: its write-ahead log, and whether there is room."""

from __future__ import annotations

import errno
import os
import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_fdatasync = getattr(os, "fdatasync", os.fsync)  # macOS has no fdatasync
_LOG_BYTES = 1100 * (4096 + 24)  # what SQLite writes before it begins at the front again
_NO_ROOM = 1 << 20  # bytes: on a disk with less, SQLite's failures to write are for want of room


class WriteAheadLog:
    """The log that SQLite writes to, synced by us.

    Args:
        path: The file, which SQLite has made.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR)
        self._lengthen()

    def sync(self) -> None:
        """Return when all that was written to the log is on disk.

        Raises:
            OSError: The disk did not take it.
        """
        _fdatasync(self._file)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)

    def _lengthen(self) -> None:
        """Fill the log up with zeros, which end it for SQLite as any invalid frame does.

        To overwrite a part of a file and sync it takes half as long as what makes it longer.
        """
        size = os.fstat(self._file).st_size
        if size < _LOG_BYTES:
            os.pwrite(self._file, bytes(_LOG_BYTES - size), size)
            os.fsync(self._file)


def is_full(error: BaseException, folder: Path) -> bool:
    """Tell whether there was no room: SQLite says so, or that it failed on a disk without any."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    code = getattr(error, "sqlite_errorcode", None)  # errors of Python's module itself have none
    if code is None or code & 0xFF != sqlite3.SQLITE_IOERR:
        return code == sqlite3.SQLITE_FULL
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize < _NO_ROOM
