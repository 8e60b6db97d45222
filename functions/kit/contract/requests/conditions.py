"""A caller may change a thing on condition that it is still as they saw it."""

from collections.abc import Callable

from functions.kit.contract.errors import Stale

# Tells whether the caller's condition, if there is one, names this revision or version.
IfMatch = Callable[[int], bool]


def whatever(_: int) -> bool:
    """Let every number pass: the condition of a caller who sets none."""
    return True


def check_match(if_match: IfMatch, number: int, thing: str, noun: str = "revision") -> None:
    """Refuse a change of something that was changed meanwhile.

    Args:
        if_match: the caller's condition.
        number: the thing's revision or version now.
        thing: what it is, as a sentence begins.
        noun: what the number is.

    Raises:
        Stale: the condition names other numbers.
    """
    if not if_match(number):
        raise Stale(f"{thing} is at {noun} {number} by now; load it anew.")
