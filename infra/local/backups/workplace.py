"""The folder that a backup's copy is made in; those of backups that were killed are swept away.

Whoever makes a backup holds the folder of data as one of many (flock), and sweeps where nobody
else does: so no copy that is still being made is taken for one that was left.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.local.backups import state


@contextmanager
def workplace(data: Path) -> Iterator[Path]:
    """Give an empty folder in `data` for as long as the block runs."""
    lock = os.open(data, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _sweep(data, lock)
        fcntl.flock(lock, fcntl.LOCK_SH)  # waits for another's sweep at most
        with tempfile.TemporaryDirectory(dir=data, prefix=state.BEING_MADE) as folder:
            yield Path(folder)
    finally:
        os.close(lock)


def _sweep(data: Path, lock: int) -> None:
    """Remove what killed backups left, unless a backup is being made."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    for left in data.glob(f"{state.BEING_MADE}*"):
        shutil.rmtree(left)
