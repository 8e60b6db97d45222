"""A queue in memory, whose calls a test delivers itself."""

from collections import deque
from typing import Any, NamedTuple

import msgspec

from functions.kit.contract.errors import Away


class Call(NamedTuple):
    """A POST that waits; `body` is what its JSON says, or None."""

    function: str
    path: str
    body: Any


class MemoryQueue:
    """A Queue of one process.

    Attributes:
        calls: what waits, the longest first.
        is_open: it takes calls.
    """

    def __init__(self) -> None:
        self.calls: deque[Call] = deque()
        self.is_open = True
        self._taken = 0

    def enqueue(self, function: str, path: str, body: Any = None) -> str:
        """See Queue."""
        if not self.is_open:
            raise Away("The queue takes nothing.")
        sent = None if body is None else msgspec.json.decode(msgspec.json.encode(body))
        self.calls.append(Call(function, path, sent))
        self._taken += 1
        return f"call-{self._taken}"
