"""A small disk of a test's own, to be filled: a tmpfs, which root may mount."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.faults import disk
from tests.support import tools


@dataclass(frozen=True)
class SmallDisk:
    """A mounted disk: full on demand, and free again."""

    folder: Path

    def fill(self) -> None:
        """Leave no room for another page."""
        disk.fill(self.folder)

    def free(self) -> None:
        """Give the room back."""
        disk.free(self.folder)


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[SmallDisk]:
    """Mount a disk at `folder` for the block; skips the test where that is not allowed."""
    tools.root()
    if why := disk.missing():
        tools.lacking(why)
    folder.mkdir(parents=True)
    with disk.mounted(folder, megabytes << 20):
        yield SmallDisk(folder)
