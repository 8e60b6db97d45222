"""Streams end when the server shuts down; without that, one open page would hold it up."""

import signal
from types import FrameType
from typing import Any


class Shutdown:
    """Knows whether this process has been told to stop."""

    def __init__(self) -> None:
        self.requested = False

    def listen(self) -> None:
        """Hear SIGTERM before whoever handles it now, the server's worker."""
        former: Any = signal.getsignal(signal.SIGTERM)

        def hear(number: int, frame: FrameType | None) -> None:
            self.requested = True
            if callable(former):
                former(number, frame)
            else:
                signal.signal(number, former)
                signal.raise_signal(number)

        signal.signal(signal.SIGTERM, hear)
