"""Where the answer to a call goes."""

from typing import Protocol

from emulators.gateway.errors import GatewayError
from emulators.gateway.http.heads import Headers


class Sink(Protocol):
    """Takes a call's answer, and is told how fast the request's body may come."""

    def head(self, status: int, headers: Headers, *, bodiless: bool) -> bool:
        """Take the answer's head; return whether its end can be told without a close.

        Args:
            status: The status.
            headers: Its fields, as the replica sent them.
            bodiless: Whether no body follows, whatever the fields say.
        """

    def body(self, data: bytes) -> None:
        """Take a piece of the answer's body, or of what follows a change of protocol."""

    def flush(self) -> None:
        """Hand on what was taken: all that came in with one read was."""

    def switch(self) -> None:
        """Change to the protocol that was asked for: bytes go both ways from here."""

    def ended(self) -> None:
        """Note that the answer is whole."""

    def failed(self, error: GatewayError) -> None:
        """Note that there will be no (whole) answer."""

    def pace(self, *, full: bool) -> None:
        """Say whether the sender of the request's body should wait."""


class Nowhere:
    """The sink of a call that is over."""

    def head(self, status: int, headers: Headers, *, bodiless: bool) -> bool:  # noqa: ARG002 - the interface's
        """Drop the head; its connection is closed."""
        return False

    def body(self, data: bytes) -> None:
        """Drop the piece."""

    def flush(self) -> None:
        """Do nothing: nothing was taken."""

    def switch(self) -> None:
        """Do nothing: nobody sends."""

    def ended(self) -> None:
        """Do nothing: it has ended before."""

    def failed(self, error: GatewayError) -> None:
        """Do nothing: it has ended before."""

    def pace(self, *, full: bool) -> None:
        """Do nothing: nobody sends."""


NOWHERE = Nowhere()
