"""Files on their way to a function: told of as they go, and read again where a call is repeated."""

import hashlib
import io
import tempfile
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import httpx

from infra.local.errors import LocalError

CHUNK = 256 * 1024
Sent = Callable[[int], None]


class ToldFile(io.RawIOBase):
    """A file that says how far it has been read, for HTTPX's forms.

    Args:
        file: it, open to be read.
        sent: told how many bytes have been read so far.
    """

    def __init__(self, file: IO[bytes], sent: Sent) -> None:
        self._file = file
        self._sent = sent

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that it can be read again."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        data = self._file.read(size)
        self._sent(self._file.tell())
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a place."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Return the place."""
        return self._file.tell()


class FileBody(httpx.SyncByteStream):
    """A file as the body of a call, each time from its beginning.

    Args:
        path: of the file.
        sent: told how many bytes have gone.
    """

    def __init__(self, path: Path, sent: Sent) -> None:
        self._path = path
        self._sent = sent

    def __iter__(self) -> Iterator[bytes]:
        """Yield its pieces."""
        with self._path.open("rb") as file:
            while chunk := file.read(CHUNK):
                self._sent(file.tell())
                yield chunk


def digest_of(path: Path) -> str:
    """Return what Content-Digest says of a file (RFC 9530)."""
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").digest()
    return f"sha-256=:{b64encode(found).decode()}:"


@contextmanager
def on_disk(name: str, stdin: IO[bytes]) -> Iterator[Path]:
    """Have a file at hand that can be read again: the one that is named, or for `-` a copy.

    Raises:
        LocalError: there is none, or it is empty.
    """
    if name != "-":
        path = Path(name)
        if not path.is_file():
            what = "is a folder" if path.is_dir() else "is not there"
            raise LocalError(f"{name} {what}.", "Name a file, or - for the standard input.")
        yield _with_content(path, name)
        return
    with tempfile.TemporaryDirectory(prefix="mayfly-") as folder:
        copy = Path(folder) / "stdin"
        with copy.open("wb") as file:
            while chunk := stdin.read(CHUNK):
                file.write(chunk)
        yield _with_content(copy, "The standard input")


def _with_content(path: Path, name: str) -> Path:
    if not path.stat().st_size:
        raise LocalError(f"{name} is empty.", "It has to hold rows.")
    return path
