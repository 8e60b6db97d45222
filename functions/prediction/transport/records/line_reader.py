"""Lines of a body as they come, in blocks of a bounded size."""

from collections import deque
from typing import IO

from functions.kit.contract.errors import TooLarge

CHUNK = 16 * 1024
"""Bytes that are read at once: a server waits until there are so many."""


class LineReader:
    """Reads a body's lines; those that hold nothing are passed over.

    Args:
        stream: the body.

    Attributes:
        is_over: whether all has been given.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._lines: deque[bytes] = deque()
        self._rest = b""
        self._is_read = False

    @property
    def is_over(self) -> bool:
        """Tell whether it is known that nothing more comes."""
        return self._is_read and not self._lines

    def take(self, rows: int, most: int) -> list[bytes]:
        """Return the next lines: so many of so many bytes altogether, or fewer; none at the end.

        Raises:
            TooLarge: a line alone has more bytes.
        """
        found: list[bytes] = []
        left = most
        while len(found) < rows and self._fill(most):
            left -= len(self._lines[0])
            if left < 0 and found:
                break
            if left < 0:
                raise _too_long(most)
            found.append(self._lines.popleft())
        return found

    def _fill(self, most: int) -> bool:
        """Read until there is a line; tell whether there is."""
        while not self._lines and not self._is_read:
            chunk = self._stream.read(CHUNK)
            self._is_read = not chunk
            *whole, self._rest = [self._rest, b""] if self._is_read else self._split(chunk)
            self._lines.extend(line for line in map(bytes.strip, whole) if line)
            if len(self._rest) > max(most, CHUNK):
                raise _too_long(most)
        return bool(self._lines)

    def _split(self, chunk: bytes) -> list[bytes]:
        if b"\n" not in chunk:
            return [self._rest + chunk]
        first, *others = chunk.split(b"\n")
        return [self._rest + first, *others]


def _too_long(most: int) -> TooLarge:
    return TooLarge(f"A line is longer than the limit of {most:,} bytes.")
