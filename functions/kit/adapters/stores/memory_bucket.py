"""A bucket in memory, for tests without a storage service."""

import datetime as dt
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from functions.kit.adapters.manual_clock import ManualClock
from functions.kit.contract.errors import no_room
from functions.kit.contract.ports import Clock


class MemoryBucket:
    """A Bucket of one process.

    Attributes:
        stored: the files by name.
        types: what each of them was said to hold.
        is_full: it refuses to store anything more.

    Args:
        clock: tells when a file is written.
        chunk: bytes in a piece of a file.
    """

    def __init__(self, clock: Clock | None = None, chunk: int = 7) -> None:
        self.stored: dict[str, bytes] = {}
        self.types: dict[str, str] = {}
        self.is_full = False
        self._times: dict[str, dt.datetime] = {}
        self._clock = clock or ManualClock()
        self._chunk = chunk

    def read(self, path: str) -> bytes:
        """See Bucket."""
        if path not in self.stored:
            raise FileNotFoundError(path)
        return self.stored[path]

    def write(self, path: str, data: bytes, content_type: str) -> None:
        """See Bucket."""
        if self.is_full:
            raise no_room("The bucket is full.")
        self.stored[path] = data
        self.types[path] = content_type
        self._times[path] = self._clock.now()

    def upload(self, path: str, file: IO[bytes], content_type: str) -> None:
        """See Bucket."""
        file.seek(0)
        self.write(path, file.read(), content_type)

    @contextmanager
    def writer(self, path: str, content_type: str) -> Iterator[IO[bytes]]:
        """See Bucket."""
        file = io.BytesIO()
        yield file
        self.write(path, file.getvalue(), content_type)

    def chunks(self, path: str, start: int = 0) -> Iterator[bytes]:
        """See Bucket."""
        data = self.read(path)
        for place in range(start, len(data), self._chunk):
            yield data[place : place + self._chunk]

    @contextmanager
    def opened(self, path: str) -> Iterator[IO[bytes]]:
        """See Bucket."""
        yield io.BytesIO(self.read(path))

    def download(self, path: str, file: IO[bytes]) -> None:
        """See Bucket."""
        file.write(self.read(path))

    def listed(self, prefix: str) -> list[tuple[str, dt.datetime]]:
        """See Bucket."""
        return [
            (path, self._times[path]) for path in sorted(self.stored) if path.startswith(prefix)
        ]

    def delete(self, path: str) -> None:
        """See Bucket."""
        self.stored.pop(path, None)
        self._times.pop(path, None)
