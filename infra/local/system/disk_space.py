"""Is there room on the disk?"""

import errno
import shutil
import tempfile
from pathlib import Path

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
# With less than this the next large message does not fit.
FULL_BELOW = 8 << 20
# More than that, so that a disk at the limit is not full and roomy by turns.
LEAST = 12 << 20
PIECE = bytes(64 << 10)


def is_full(folder: Path) -> bool:
    """Tell whether the disk of `folder` is as good as full."""
    try:
        return shutil.disk_usage(folder).free < FULL_BELOW
    except OSError:  # the folder is gone: not what is asked here
        return False


def has_room(folder: Path) -> bool:
    """Tell whether files in `folder` can grow: there is space, and no quota stands in the way."""
    try:
        if shutil.disk_usage(folder).free < LEAST:
            return False
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(PIECE)
    except OSError as error:
        return error.errno not in FULL
    return True
