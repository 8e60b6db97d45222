"""Partial answers: the part of a resource that `fields` asks for."""

import re
from typing import Any

from emulators.storage.model.errors import InvalidError

_TOKENS = re.compile(r"[A-Za-z0-9_*-]+|[(),/]")
_DEEPEST = 20
Mask = dict[str, Any]  # a field → the mask of what is below it; {} for all of that


def read_mask(text: str) -> Mask:
    """Return what a list such as `items(name,acl/role),nextPageToken` asks for.

    Raises:
        InvalidError: It is none.
    """
    tokens = _TOKENS.findall(text)
    if "".join(tokens) != text.replace(" ", ""):
        raise InvalidError(f"Invalid field selection {text[:100]!r}.")
    try:
        mask = _group(tokens, 0)
    except (IndexError, RecursionError) as error:
        raise InvalidError(f"Invalid field selection {text[:100]!r}.") from error
    if tokens:
        raise InvalidError(f"Invalid field selection {text[:100]!r}.")
    return mask


def part(resource: Any, mask: Mask) -> Any:
    """Return the part of a resource that a mask asks for."""
    if isinstance(resource, list):
        return [part(one, mask) for one in resource]
    if not mask or not isinstance(resource, dict):
        return resource
    return {
        name: part(value, mask[name] if name in mask else mask["*"])
        for name, value in resource.items()
        if name in mask or "*" in mask
    }


def _group(tokens: list[str], depth: int) -> Mask:
    """Take a list's tokens away, up to its end; return its mask."""
    if depth > _DEEPEST:
        raise RecursionError
    found: Mask = {}
    while True:
        _path(tokens, found, depth)
        if not tokens or tokens[0] != ",":
            return found
        tokens.pop(0)


def _path(tokens: list[str], found: Mask, depth: int) -> None:
    here = found
    while True:
        name = tokens.pop(0)
        if name in "(),/":
            raise IndexError(name)
        here = here.setdefault(name, {})
        if not tokens or tokens[0] != "/":
            break
        tokens.pop(0)
    if tokens and tokens[0] == "(":
        tokens.pop(0)
        here.update(_group(tokens, depth + 1))
        if tokens.pop(0) != ")":
            raise IndexError
