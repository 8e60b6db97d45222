"""A disk of a stack's own that can be filled: a tmpfs, which root alone can mount."""

import contextlib
import errno
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

SIZE = 1 << 30
_FILLER = "filler"
_PIECE = 1 << 20


def missing() -> str:
    """Return why no small disk can be had; empty where it can. Found out by mounting one."""
    try:
        with tempfile.TemporaryDirectory() as folder, mounted(Path(folder)):
            return ""
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", None) or str(error)
        return f"a tmpfs cannot be mounted: {' '.join(said.split())}"


@contextlib.contextmanager
def mounted(folder: Path, size: int = SIZE) -> Iterator[None]:
    """Be a small disk at `folder`, of so many bytes."""
    options = ["-t", "tmpfs", "-o", f"size={size},mode=700", "mayfly-faults"]
    subprocess.run(["mount", *options, str(folder)], check=True, capture_output=True, text=True)
    try:
        yield
    finally:
        # Lazily: a process that is about to end may still have a file open.
        subprocess.run(["umount", "--lazy", str(folder)], check=True, capture_output=True)


def fill(folder: Path) -> None:
    """Take all the room that is left."""
    with (folder / _FILLER).open("ab") as file:
        for piece in (_PIECE, 4096):
            _append_until_full(file.fileno(), piece)


def _append_until_full(file: int, piece: int) -> None:
    for _ in range(2 * SIZE // piece):
        try:
            os.posix_fallocate(file, os.fstat(file).st_size, piece)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            return


def free(folder: Path) -> None:
    """Give it back."""
    (folder / _FILLER).unlink(missing_ok=True)
