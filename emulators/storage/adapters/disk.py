"""A full disk, told in the service's words."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from emulators.storage.model.errors import NoRoomError

_FULL = frozenset((errno.ENOSPC, errno.EDQUOT))


@contextmanager
def room() -> Iterator[None]:
    """Let a NoRoomError stand for whatever tells that the disk is full."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise NoRoomError(f"The disk does not take it: {error.strerror}.") from error
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_FULL and not _is_write_error(error):
            raise
        raise NoRoomError("The disk is full; nothing was written.") from error


def _is_write_error(error: sqlite3.Error) -> bool:
    """Tell whether SQLite could not write: a log that cannot grow is told so, too."""
    return error.sqlite_errorcode in {sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE}
