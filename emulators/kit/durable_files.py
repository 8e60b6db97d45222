"""Files and folders that are as they were left, also after a power cut."""

import mmap
import os
from pathlib import Path
from typing import IO


def create(path: Path, content: bytes | mmap.mmap, mode: int = 0o666) -> None:
    """Make a file; its content is on disk on return, its name only after `sync_folder`.

    Raises:
        FileExistsError: There is one.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        sync_file(file)


def sync_file(file: IO[bytes]) -> None:
    """Return when all that was written to an open file is on disk."""
    file.flush()
    os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Return when new names in a folder, and renamed and removed ones, are on disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
