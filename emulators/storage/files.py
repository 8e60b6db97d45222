"""Files that are whole or absent, and on disk before anyone hears of them."""

import contextlib
import mmap
import os
import uuid
from pathlib import Path

from gcp_storage_emulator.storage import _FileStore

from emulators.kit.durable_files import create, sync_file, sync_folder

# Smaller files are cheaper to read than to map.
MAP_FROM = 1 << 20
SCRATCH = "_scratch"


class DurableFiles(_FileStore):  # type: ignore[misc]  # the package has no types
    """The package's file store with atomic, synced writes and reads that cost no memory.

    The package writes in place: a kill in the middle of a write left half a file, also of its
    `.meta`, and with that no start at all. Here a file is written beside, synced, and renamed.
    """

    def __init__(self, root: Path) -> None:
        super().__init__(use_memory=False, root=root)
        self._scratch = root / SCRATCH
        self._scratch.mkdir(exist_ok=True)
        for left in self._scratch.iterdir():
            left.unlink()

    def path(self, rel: str) -> Path:
        """Return where `rel` is on disk."""
        found: Path = self._disk_path(rel)
        return found

    def makedirs(self, rel: str) -> None:
        """Make the folder `rel`, durably."""
        path = self.path(rel)
        if not path.is_dir():
            path.mkdir(parents=True)
            sync_folder(path.parent)

    def write_bytes(self, rel: str, content: bytes | mmap.mmap) -> None:
        """Replace the file `rel` by `content`: whole and synced, or as it was."""
        path = self.path(rel)
        self.makedirs(os.path.dirname(rel))  # noqa: PTH120 - `rel` is a key, not a path
        fresh = self._scratch / uuid.uuid4().hex
        try:
            create(fresh, content)
            fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)
        sync_folder(path.parent)

    def append(self, rel: str, content: bytes) -> int:
        """Add `content` to the end of the file `rel`, synced; return its new size."""
        self.makedirs(os.path.dirname(rel))  # noqa: PTH120 - `rel` is a key, not a path
        with self.path(rel).open("ab") as file:
            file.write(content)
            sync_file(file)
            return file.tell()

    def size(self, rel: str) -> int:
        """Return the size of the file `rel` in bytes; 0 when there is none."""
        with contextlib.suppress(FileNotFoundError):
            return self.path(rel).stat().st_size
        return 0

    def read_bytes(self, rel: str) -> bytes | mmap.mmap:
        """Return the content of `rel`; a large one as a memory map.

        A map keeps showing the content it was made of: files are replaced, never changed.
        """
        path = self.path(rel)
        if self.size(rel) < MAP_FROM:
            return path.read_bytes()
        with path.open("rb") as file:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
