"""Entity tags: the numbers and hashes by which HTTP names the state of a thing."""

from typing import Annotated

from flask import Request

from functions.kit.contract.requests.conditions import IfMatch
from functions.kit.http.routing.routes import Header

IF_MATCH, IF_NONE_MATCH = "If-Match", "If-None-Match"
Conditional = Annotated[Request, Header(IF_MATCH)]
"""The request of a handler that changes something only as the caller saw it."""
Revalidating = Annotated[Request, Header(IF_NONE_MATCH)]
"""The request of a handler that gives nothing anew that the caller has."""


def etag(revision: int | str) -> str:
    """Return the strong entity tag of a revision number or a content hash."""
    return f'"{revision}"'


def matches(header: str | None, tag: str) -> bool:
    """Tell whether `If-Match` names `tag`; without the header, or as `*`, it names any."""
    if header is None or header.strip() == "*":
        return True
    return tag in (given.strip() for given in header.split(","))


def if_match(request: Request) -> IfMatch:
    """Return the condition of a request's `If-Match`; without one, every number passes."""
    header = request.headers.get(IF_MATCH)
    return lambda number: matches(header, etag(number))


def is_known(header: str | None, tag: str) -> bool:
    """Tell whether `If-None-Match` names `tag`: the caller has it already (304)."""
    given = [part.strip().removeprefix("W/") for part in (header or "").split(",")]
    return tag in given or "*" in given
