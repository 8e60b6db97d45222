"""The file of indexes on disk, changed as a whole, also by several emulators at a time."""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from emulators.firestore.model.indexing.file import IndexFileError, read
from emulators.kit.durable_files import sync_file, sync_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from emulators.firestore.model.indexing.selection import Indexes

_EMPTY = json.dumps({"indexes": [], "fieldOverrides": []})


def load(path: Path) -> Indexes:
    """Read the indexes that a file declares.

    Raises:
        OSError: It cannot be read.
        IndexFileError: It is no file of indexes.
    """
    return read(_text(path))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise IndexFileError(f"byte {error.start} is not UTF-8; the file must be JSON.") from error


class DiskIndexFile:
    """A file of indexes; it need not be there yet."""

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()

    def change(self, change: Callable[[str], str]) -> None:
        """Put what `change` makes of the text in its place, all at once, if it differs.

        Raises:
            OSError: It cannot be read or written.
        """
        with _alone(self._path.parent):
            before = _text(self._path) if self._path.exists() else None
            after = change(before if before is not None else _EMPTY)
            if after != before:
                _replace(self._path, after)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep others who change files of a folder in this way out, in whatever process."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _replace(path: Path, text: str) -> None:
    """Give a file another text; whoever reads it meanwhile finds one of both as a whole."""
    with tempfile.NamedTemporaryFile(
        "wb", dir=path.parent, prefix=f".{path.name}.", delete=False
    ) as file:
        file.write(text.encode())
        sync_file(file)
    fresh = Path(file.name)
    fresh.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
    fresh.replace(path)
    sync_folder(path.parent)
