"""Entity tags: the numbers and hashes by which HTTP names the state of a thing."""

from flask import Request

from functions.kit.contract.conditions import IfMatch


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
    header = request.headers.get("If-Match")
    return lambda number: matches(header, etag(number))


def is_known(header: str | None, tag: str) -> bool:
    """Tell whether `If-None-Match` names `tag`: the caller has it already (304)."""
    given = [part.strip().removeprefix("W/") for part in (header or "").split(",")]
    return tag in given or "*" in given
