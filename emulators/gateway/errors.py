"""What the gateway refuses or cannot do, in its own words.

What each becomes on the wire is said once, in `http.problems`.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

# What msgspec raises for bytes that it cannot read, or that are not of the type.
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class GatewayError(Exception):
    """A refusal that a client can act on; what is raised is one of the kinds below.

    Args:
        message: What is wrong, naming the thing.
        remedy: What to do about it.
        retry_after: Seconds after which a new try makes sense.
        about: The object that it is about: its name, kind and group, and where it is wrong.
    """

    def __init__(
        self,
        message: str,
        remedy: str = "",
        *,
        retry_after: int | None = None,
        about: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.retry_after = retry_after
        self.about = about or {}


class Invalid(GatewayError):
    """What was sent breaks a rule."""


class Unauthenticated(GatewayError):
    """The caller has not shown who it is."""


class Forbidden(GatewayError):
    """The caller may not do that."""


class NotFound(GatewayError):
    """There is no such thing."""


class NotAllowed(GatewayError):
    """The thing is there, but does not take this method."""


class TooSlow(GatewayError):
    """The sender took too long to say what it wants."""


class Conflict(GatewayError):
    """What is there stands against it."""


class Exists(Conflict):
    """The name is taken."""


class Stale(Conflict):
    """It is a change of another state of the thing than the one that is there."""


class Expired(GatewayError):
    """What was asked about is forgotten by now."""


class TooLarge(GatewayError):
    """It is over a limit of size."""


class HeadTooLarge(TooLarge):
    """A request's head is over the limits, whatever its body is."""


class UnknownFormat(GatewayError):
    """It is in a format that is not understood."""


class UnknownExpectation(GatewayError):
    """The sender expects what is not understood."""


class Misdirected(GatewayError):
    """It was meant for another host."""


class Inapplicable(GatewayError):
    """The change is understood, but does not fit the thing as it is."""


class Failed(GatewayError):
    """The gateway itself could not do it."""


class Elsewhere(GatewayError):
    """It is not kept here, but where the function runs."""


class Unavailable(GatewayError):
    """It cannot be done now; the same may be done later."""


class Away(Unavailable):
    """A part that it needs cannot be reached."""


class Overloaded(Unavailable):
    """Too many wait for the same already."""


class NotReady(Unavailable):
    """The function has no replica that could take it."""


class BadAnswer(GatewayError):
    """A replica gave no answer, or none that is whole."""


class OutOfReach(BadAnswer):
    """The same in the Community Edition, whose provider tells it as a failure of its own."""


class TimedOut(GatewayError):
    """A replica gave no answer in time."""


class Cancelled(GatewayError):
    """Its caller took it back."""


def not_found(name: str, known: list[str]) -> NotFound:
    """Return the refusal for a function that is not deployed."""
    listed = ", ".join(sorted(known)[:20]) or "none"
    return NotFound(
        f"there is no function named {name!r}",
        f"deploy it first, or use one of the deployed functions: {listed}",
    )
