"""A small disk of a test's own, to be filled: a tmpfs, which root may mount."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

PIECES = (1 << 20, 1 << 16, 1 << 12, 1 << 9)


class SmallDisk:
    """A mounted disk: full on demand, and free again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filling = folder / "filling"

    def fill(self) -> None:
        """Leave no room for another byte."""
        with self._filling.open("ab", buffering=0) as file:
            for size in PIECES:
                with contextlib.suppress(OSError):
                    while True:
                        file.write(bytes(size))

    def free(self) -> None:
        """Give the room back."""
        self._filling.unlink()


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[SmallDisk]:
    """Mount a disk at `folder` for the block; skips the test where that is not allowed."""
    folder.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        reason = done.stderr.strip() if done.returncode else ""
    except OSError as error:
        reason = str(error)
    if reason:
        _cannot(f"a small disk cannot be mounted here: {reason}")
    try:
        yield SmallDisk(folder)
    finally:
        # Lazily: what still has a file open there loses it when it ends.
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _cannot(reason: str) -> None:
    if os.environ.get("CI") and os.geteuid() == 0:
        pytest.fail(reason)
    pytest.skip(reason)
