"""What a field may be, and what it was, in words."""

from collections.abc import Sequence

from infra.local.commands.signed import Json

MOST_WORDS = 8


def bounds_of(column: Json) -> Json:
    """Return what is refused of a field otherwise (`may_be`), and what a model learnt from."""
    known = column.get("suggested") or {}
    return {
        "may_be": _bounds(column) or f"any {column['kind']}",
        "learnt": _bounds(known),
    }


def _bounds(limits: Json) -> str:
    low, high = limits.get("minimum"), limits.get("maximum")
    if low is not None and high is not None:
        return f"{low:.15g} to {high:.15g}"
    if low is not None or high is not None:
        return f"{low:.15g} or more" if low is not None else f"{high:.15g} or less"
    return _words(limits.get("levels") or ())


def _words(words: Sequence[str]) -> str:
    rest = len(words) - MOST_WORDS
    return ", ".join(words[:MOST_WORDS]) + (f" and {rest:,} more" if rest > 0 else "")
