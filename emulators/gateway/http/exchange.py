"""What a connection asks of whoever answers a request."""

from typing import Protocol

from emulators.gateway.http.server import Server


class Upgraded(Protocol):
    """Whoever takes the bytes that follow a request for another protocol."""

    def tunnel(self, data: bytes) -> None:
        """Take bytes of the client as they are."""


class Answering(Protocol):
    """One request whose answer is being made."""

    keep_alive: bool
    request_complete: bool

    def start(self) -> None:
        """Note that its turn to answer has come."""

    def client_full(self, *, full: bool) -> None:
        """Note whether the client can take more of the answer."""

    def abandon(self) -> None:
        """Note that the client is gone."""


class Exchange(Answering, Protocol):
    """One request and its answer."""

    @property
    def answering(self) -> bool:
        """Whether a part of the answer has been written."""

    def request_body(self, data: bytes) -> None:
        """Take a piece of the request's body."""

    def request_end(self) -> None:
        """Note that the request is whole."""

    def upgraded(self) -> Upgraded | None:
        """Return who takes what follows its head, if another protocol does; None: HTTP goes on."""


class Client(Protocol):
    """A client's connection as whoever answers sees it.

    Attributes:
        peer: The client's address.
        server: What all connections share.
    """

    peer: bytes
    server: Server

    def write(self, data: bytes) -> None:
        """Send bytes of an answer."""

    def finished(self) -> None:
        """Go on to the next exchange: the current one's answer is written."""

    def abort(self) -> None:
        """Break it off: the answer cannot be completed, and its reader must not think it whole."""

    def close(self) -> None:
        """Close it once everything written has gone out."""

    def hold_body(self, *, full: bool) -> None:
        """Set whether the request's body should wait."""

    def go_on_with(self, exchange: Exchange, *, instead_of: Answering) -> None:
        """Let another answer the current request, unless it is over for this connection."""


class Plain(Protocol):
    """Answers requests of the usual form."""

    def begin(self, connection: Client, data: bytes) -> Answering | None:
        """Return who answers a whole request; None where it is to be parsed."""
