"""What services need of the world, whichever function they are of.

Adapters give it (`kit/adapters`), and each has a double in memory beside it. The same tests run
over both: `tests/integration/functions/ports`.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from typing import IO, Any, Protocol


class Clock(Protocol):
    """Tells the time, and lets it pass."""

    def now(self) -> dt.datetime:
        """Return the time, in UTC."""

    def monotonic(self) -> float:
        """Return seconds that never go back; two of them tell how long something took."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class Bucket(Protocol):
    """Keeps files by object name (`models/titanic/….onnx`); names are never reused."""

    def read(self, path: str) -> bytes:
        """Return a file's bytes; raises FileNotFoundError."""

    def write(self, path: str, data: bytes, content_type: str) -> None:
        """Store a file whole; it is there when this returns; raises NoRoom."""

    def upload(self, path: str, file: IO[bytes], content_type: str) -> None:
        """Store a file from an open one, read from its start; raises NoRoom."""

    def writer(self, path: str, content_type: str) -> AbstractContextManager[IO[bytes]]:
        """Return an open file that becomes the stored one when its block ends; raises NoRoom.

        When the block raises, nothing is stored.
        """

    def chunks(self, path: str, start: int = 0) -> Iterator[bytes]:
        """Yield a stored file in pieces, from byte `start`; raises FileNotFoundError."""

    def download(self, path: str, file: IO[bytes]) -> None:
        """Write a stored file into an open one; raises FileNotFoundError."""

    def listed(self, prefix: str) -> Iterable[tuple[str, dt.datetime]]:
        """Return the files whose names begin so, each with the time when it was written."""

    def delete(self, path: str) -> None:
        """Remove a file; one that is not there is as good as removed."""


class Queue(Protocol):
    """Keeps calls of functions until they are delivered: at least once, in any order."""

    def enqueue(self, function: str, path: str, body: Any = None) -> str:
        """Put a POST on the queue, durably; return its call id.

        Raises:
            Away: the queue does not say that it took it. Where the answer was lost, the call may
                lie there all the same: what is queued must be safe to repeat.
        """
