"""Files and folders that a crash or a power cut leaves whole."""

import os
from pathlib import Path

UNFINISHED = "~"  # begins the name of a file that is being written; no key or object has it in its


def write_atomically(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Replace a file so that a crash leaves the old content or the new, on disk for good."""
    temporary = path.with_name(f"{UNFINISHED}new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync(path.parent)


def remove_file(path: Path) -> None:
    """Remove a file, if it is there, so that it does not come back after a power cut."""
    path.unlink(missing_ok=True)
    if path.parent.is_dir():
        sync(path.parent)


def make_folder(folder: Path, mode: int = 0o755) -> None:
    """Make a folder and those above it, if they are not there, on disk for good."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(mode=mode, exist_ok=True)
        sync(folder.parent)


def files_in(folder: Path) -> list[Path]:
    """Return the files that are whole, by name."""
    found = (path for path in folder.iterdir() if not path.name.startswith(UNFINISHED))
    return sorted(path for path in found if path.is_file())


def sync(path: Path) -> None:
    """See to it that a file's content, or the names in a folder, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
