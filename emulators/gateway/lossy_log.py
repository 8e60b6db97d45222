"""A full disk costs lines of the log, never the gateway."""

import contextlib
from typing import TextIO


class Lossy:
    """A stream that loses what the disk does not take, and never raises for it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        """Write, if it can be written."""
        with contextlib.suppress(OSError):
            self._stream.write(text)

    def flush(self) -> None:
        """Pass on what is held back, if it can be written."""
        with contextlib.suppress(OSError):
            self._stream.flush()
