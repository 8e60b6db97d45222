"""The files that keys and other secrets of ours lie in.

`python -m functions.kit.adapters.api_keys secret --key-file FILE` makes a secret that a system
needs; `digest --key-file FILE --digest-file FILE` makes its first key, and what is kept of it.
"""

import argparse
import contextlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from functions.kit.contract.access.api_key import digest, new_key


def ensure_file(path: Path, new: Callable[[], str]) -> str:
    """Return the secret that the owner-only file holds; make it, whole, where it is missing.

    Raises:
        ValueError: the file is there and empty: everybody would know that secret.
    """
    if not path.exists():
        fresh = _fresh(path, new() + "\n")
        try:
            with contextlib.suppress(FileExistsError):  # another process's, which then counts
                path.hardlink_to(fresh)
        finally:
            fresh.unlink()
        _sync(path.parent)
    text = path.read_text().strip()
    if not text:
        raise ValueError(f"The secret file {path} is empty")
    return text


def write_file(path: Path, text: str) -> None:
    """Replace an owner-only file: whole, and on disk for good."""
    _fresh(path, text).replace(path)
    _sync(path.parent)


def _fresh(path: Path, text: str) -> Path:
    """Write a file beside `path`, synced."""
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    descriptor = os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return fresh


def _sync(folder: Path) -> None:
    """Let a new name in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_digest(key_file: Path, digest_file: Path) -> None:
    """Make the key file where it is missing, and write what a system keeps of the key."""
    write_file(digest_file, digest(ensure_file(key_file, new_key)))


def main(arguments: list[str] | None = None) -> None:
    """Run the command line of this module."""
    parser = argparse.ArgumentParser(
        prog="python -m functions.kit.adapters.api_keys", description=__doc__
    )
    parser.add_argument("command", choices=["secret", "digest"])
    parser.add_argument("--key-file", type=Path, required=True, help="made if it is missing")
    parser.add_argument("--digest-file", type=Path, help="where `digest` writes")
    options = parser.parse_args(arguments)
    try:
        if options.command == "secret":
            ensure_file(options.key_file, lambda: secrets.token_hex(32))
        elif options.digest_file is None:
            parser.error("digest wants --digest-file")
        else:
            write_digest(options.key_file, options.digest_file)
    except ValueError as error:
        parser.exit(1, f"{error}. Remove it, and another is made.\n")


if __name__ == "__main__":
    main()
