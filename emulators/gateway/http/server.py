"""What all connections of clients share, on whichever port: their number, their time, their end."""

from typing import TYPE_CHECKING, Any, Protocol

from emulators.gateway.tasks import Tasks

if TYPE_CHECKING:
    import asyncio


class Connection(Protocol):
    """A client's connection as its server sees it."""

    def check_time(self, now: float) -> None:
        """Close it if it has been idle or slow for too long."""

    def close_when_idle(self) -> None:
        """Close it unless an answer is being made."""


class Server:
    """Knows the connections of clients.

    Args:
        tasks: Runs the answers that the gateway makes itself.

    Attributes:
        closing: Whether connections end with the answer that is being made.
        streams: Answers that go on until one side ends them.
    """

    def __init__(self, tasks: Tasks) -> None:
        self.closing = False
        self.connections: set[Connection] = set()
        self.streams: set[asyncio.Task[Any]] = set()
        self.spawn = tasks.spawn

    def check_time(self, now: float) -> None:
        """Close what has been idle or slow for too long.

        Args:
            now: The time by `time.monotonic`.
        """
        for connection in list(self.connections):
            connection.check_time(now)

    def begin_to_close(self) -> None:
        """End streams and idle connections; others end with their answer."""
        self.closing = True
        for stream in self.streams:
            stream.cancel()
        self.close_idle()

    def close_idle(self) -> None:
        """Close every connection on which no answer is being made."""
        for connection in list(self.connections):
            connection.close_when_idle()
