"""JSON bodies of the gateway's own APIs."""

from typing import Any, TypeVar

import msgspec

from emulators.gateway.errors import UNREADABLE, Invalid
from emulators.gateway.http.buffered import Answer, Incoming
from emulators.gateway.specs.names import canonical, checked

T = TypeVar("T")


def reply(status: int, content: Any) -> Answer:
    """Return an answer in JSON."""
    return Answer(status, msgspec.json.encode(content))


def decode(body: bytes, kind: type[T]) -> T:
    """Read a JSON body.

    Raises:
        Invalid: Naming what is wrong.
    """
    try:
        return msgspec.json.decode(body, type=kind)
    except UNREADABLE as error:
        raise Invalid(f"the request cannot be read: {error}", "send JSON") from error


def namespace_of(incoming: Incoming, given: str = "") -> str:
    """Return the namespace that a body names, or else the query, or else the default one.

    Raises:
        Invalid: For one that is no name.
    """
    return checked(canonical(given or incoming.query.get("namespace")), "namespace")
