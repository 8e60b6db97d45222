"""What a connection asks of whoever answers a request."""

from typing import Protocol


class Upgraded(Protocol):
    """Whoever takes the bytes that follow a request for another protocol."""

    def tunnel(self, data: bytes) -> None:
        """Take bytes of the client as they are."""


class Exchange(Protocol):
    """One request and its answer."""

    keep_alive: bool
    request_complete: bool

    @property
    def answering(self) -> bool:
        """Whether a part of the answer has been written."""

    def start(self) -> None:
        """Note that its turn to answer has come."""

    def request_body(self, data: bytes) -> None:
        """Take a piece of the request's body."""

    def request_end(self) -> None:
        """Note that the request is whole."""

    def upgraded(self) -> Upgraded | None:
        """Return who takes what follows its head, if another protocol does; None: HTTP goes on."""

    def client_full(self, *, full: bool) -> None:
        """Note whether the client can take more of the answer."""

    def abandon(self) -> None:
        """Note that the client is gone."""
