"""Other functions, as what is asked here leads to calls of them."""

from collections.abc import AsyncIterator
from typing import NamedTuple, Protocol


class Asking(NamedTuple):
    """A call of another function; `path` with its query, `headers` with names in small letters."""

    function: str
    method: str
    path: str
    headers: dict[str, str]


class Functions(Protocol):
    """Calls functions by whatever credential the headers show; what they refuse is raised again."""

    async def ask(self, asking: Asking, body: bytes | None = None) -> bytes:
        """Return an answer's body; raises the function's error, Away."""

    async def send(self, asking: Asking, body: AsyncIterator[bytes]) -> bytes:
        """Return the answer to a body that is sent as it comes; raises as `ask`."""

    def events(self, asking: Asking) -> AsyncIterator[bytes]:
        """Yield the data of server-sent events, until they end; raises as `ask`."""
