"""Is there room on the disk?"""

import errno
import shutil
import tempfile
from pathlib import Path

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
# A part that starts or is mended with less than this runs into the wall again at once.
LEAST = 8 << 20
PIECE = bytes(64 << 10)


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
