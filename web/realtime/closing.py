"""Why a connection ends: WebSocket's close codes (RFC 6455, 7.4), and our own from 4400 on."""

from enum import IntEnum
from http import HTTPStatus


class Code(IntEnum):
    """Close codes. Those of our own say what the HTTP status less 4000 says."""

    DONE = 1000
    AWAY = 1001
    BINARY = 1003
    NOT_TEXT = 1007
    TOO_LARGE = 1009
    BROKEN = 1011
    BUSY = 1013
    UNREADABLE = 4400
    UNKNOWN_CALLER = 4401
    FORBIDDEN = 4403
    TOO_LATE = 4408
    SAME_ID = 4409
    TOO_MANY = 4429


class Closed(Exception):  # noqa: N818 - what happened, mostly as it should
    """The connection is over, or is to be closed.

    Attributes:
        code: what the other side is told.
        reason: in words, at most 123 bytes.
    """

    def __init__(self, code: Code, reason: str) -> None:
        super().__init__(f"{code.value} {reason}")
        self.code = code
        self.reason = reason

    @property
    def status(self) -> int:
        """The HTTP status of a request that is refused for it."""
        return self.code - 4000 if self.code >= Code.UNREADABLE else HTTPStatus.SERVICE_UNAVAILABLE


class Finished(Exception):  # noqa: N818 - as it should be
    """The other side has asked all that it wanted, and waits for the answers."""


class Gone(Exception):  # noqa: N818 - a state
    """The other side is not there any more; nothing can be told to it."""
