"""Who holds an API key, and the files that keys and other secrets of ours lie in.

`python -m functions.kit.adapters.api_keys add --key-file FILE --name NAME` makes the first key;
`python -m functions.kit.adapters.api_keys secret --key-file FILE` makes any other secret that a
system needs, and `digest --key-file FILE --digest-file FILE` writes what is kept of a key.
"""

import argparse
import contextlib
import hmac
import os
import secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path

from cachetools import FIFOCache

from functions.kit.contract.api_key import Caller, KeysAway, digest, new_key

Lookup = Callable[[str], Caller | None]


class KeyRing:
    """Recognises keys by their digest, and remembers answers for a few seconds.

    While the stored keys cannot be read, a remembered answer goes on counting: a replica that has
    its model loaded keeps serving the callers that it knows.

    Args:
        lookup: digest → caller, or None for a key that is not known; raises KeysAway.
        ttl: seconds that an answer is remembered; a withdrawn key works that much longer.
        size: most answers remembered at once; what was looked up longest ago makes room.
    """

    def __init__(self, lookup: Lookup, ttl: float = 10.0, size: int = 10_000) -> None:
        self._lookup = lookup
        self._ttl = ttl
        self._seen: FIFOCache[str, tuple[float, Caller | None]] = FIFOCache(size)
        self._lock = threading.Lock()

    def caller(self, key: str) -> Caller | None:
        """Return who holds `key`, or None; raises KeysAway when it cannot be known."""
        name = digest(key)
        now = time.monotonic()
        seen = self._remembered(name)
        if seen is not None and seen[0] > now:
            return seen[1]
        try:
            found = self._lookup(name)
        except KeysAway:
            if seen is None:
                raise
            found = seen[1]
        with self._lock:
            self._seen[name] = (now + self._ttl, found)
        return found

    def _remembered(self, name: str) -> tuple[float, Caller | None] | None:
        try:
            return self._seen[name]  # reading leaves the order as it is, so it takes no lock
        except KeyError:
            return None


def with_first_key(digest_of_it: str, lookup: Lookup) -> Lookup:
    """Return a lookup that knows one more key, by what a system's secret says of it.

    So a new system has a key before it has documents. Nothing is asked for that key: it counts
    until the secret is replaced.

    Args:
        digest_of_it: the SHA-256 of the key; empty for none.
        lookup: knows all others.
    """
    if not digest_of_it:
        return lookup
    first = Caller("first", "admin")

    def found(name: str) -> Caller | None:
        return first if hmac.compare_digest(name, digest_of_it) else lookup(name)

    return found


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


def add(key_file: Path, name: str) -> None:
    """Make the key file and its document where they are missing; safe to repeat."""
    from functions.kit.adapters import firestore  # noqa: PLC0415 - slow to import, needed here alone

    firestore.put_key(digest(ensure_file(key_file, new_key)), name, role="admin")


def write_digest(key_file: Path, digest_file: Path) -> None:
    """Make the key file where it is missing, and write what a system keeps of the key."""
    write_file(digest_file, digest(ensure_file(key_file, new_key)))


def main(arguments: list[str] | None = None) -> None:
    """Run the command line of this module."""
    parser = argparse.ArgumentParser(
        prog="python -m functions.kit.adapters.api_keys", description=__doc__
    )
    parser.add_argument("command", choices=["add", "secret", "digest"])
    parser.add_argument("--key-file", type=Path, required=True, help="made if it is missing")
    parser.add_argument("--digest-file", type=Path, help="where `digest` writes")
    parser.add_argument("--name", default="first", help="what the key is called in logs")
    options = parser.parse_args(arguments)
    try:
        if options.command == "secret":
            ensure_file(options.key_file, lambda: secrets.token_hex(32))
        elif options.command == "digest":
            if options.digest_file is None:
                parser.error("digest wants --digest-file")
            write_digest(options.key_file, options.digest_file)
        else:
            add(options.key_file, options.name)
    except ValueError as error:
        parser.exit(1, f"{error}. Remove it, and another is made.\n")


if __name__ == "__main__":
    main()
