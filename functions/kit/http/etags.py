"""Entity tags: a caller may change a thing on condition that it is still as they saw it."""

from functions.kit.contract.errors import Stale


def etag(revision: int | str) -> str:
    """Return the strong entity tag of a revision number or a content hash."""
    return f'"{revision}"'


def matches(header: str | None, tag: str) -> bool:
    """Tell whether `If-Match` names `tag`; without the header, or as `*`, it names any."""
    if header is None or header.strip() == "*":
        return True
    return tag in (given.strip() for given in header.split(","))


def check_if_match(header: str | None, tag: str, thing: str) -> None:
    """Refuse a change of something that was changed meanwhile.

    Args:
        header: the request's `If-Match`, or None when it has no condition.
        tag: the thing's entity tag now.
        thing: what it is, for the message.

    Raises:
        Stale: when `header` names other tags than `tag`.
    """
    if not matches(header, tag):
        raise Stale(f"{thing} is at {tag} now, not at {header}: read it again, then decide.")


def is_known(header: str | None, tag: str) -> bool:
    """Tell whether `If-None-Match` names `tag`: the caller has it already (304)."""
    given = [part.strip().removeprefix("W/") for part in (header or "").split(",")]
    return tag in given or "*" in given
