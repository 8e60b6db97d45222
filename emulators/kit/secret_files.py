"""Secrets in files that their owner alone can read: made once, whole, and never empty."""

import contextlib
import secrets
from pathlib import Path

from emulators.kit.durable_files import create, sync_folder


def ensure(path: Path) -> str:
    """Return the secret in a file; a random one is made and put there where the file is missing.

    Raises:
        ValueError: The file is empty; the text says what to do.
        OSError: It can be neither read nor made.
    """
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _create(path, secrets.token_urlsafe(32) + "\n")
    return read(path)


def read(path: Path) -> str:
    """Return the secret in a file.

    Raises:
        ValueError: The file is empty; the text says what to do.
        OSError: It cannot be read.
    """
    return checked(path.read_text(encoding="utf-8"), f"the secret file {path}")


def checked(text: str, what: str) -> str:
    """Return the secret itself, without white space around it.

    Raises:
        ValueError: Nothing is left: an empty secret would let everybody in.
    """
    secret = text.strip()
    if not secret:
        raise ValueError(f"{what} is empty: put a secret there, or remove it to have one made")
    return secret


def write(path: Path, text: str) -> None:
    """Replace a file that its owner alone can read: whole, and on disk for good."""
    fresh = _fresh(path, text)
    fresh.replace(path)
    sync_folder(path.parent)


def _create(path: Path, text: str) -> None:
    """Make a file unless another process was faster: then that one's secret counts."""
    fresh = _fresh(path, text)
    try:
        with contextlib.suppress(FileExistsError):  # it was faster
            path.hardlink_to(fresh)
    finally:
        fresh.unlink()
    sync_folder(path.parent)


def _fresh(path: Path, text: str) -> Path:
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    create(fresh, text.encode(), 0o600)
    return fresh
