"""Figures in words: three digits of each, so that a page is the same on every machine."""

import math
from collections.abc import Iterable, Sequence


def figure(value: float) -> str:
    """Return a number with three digits: 0.123, 12.3, 1,230."""
    if not math.isfinite(value):
        return "-"
    if value == 0:
        return "0"
    places = max(0, 2 - math.floor(math.log10(abs(value))))
    rounded = round(value, 2 - math.floor(math.log10(abs(value))))
    return f"{rounded:,.{min(places, 6)}f}"


def milliseconds(seconds: float) -> str:
    """Return seconds as milliseconds, or as seconds from ten of them on."""
    return f"{figure(seconds)} s" if seconds >= 10 else f"{figure(seconds * 1000)} ms"


def dollars(value: float) -> str:
    """Return dollars: with cents where they count."""
    return f"{value:,.2f}" if value < 10 else figure(value)


def share(value: float) -> str:
    """Return a share in per cent."""
    return "0" if value == 0 else f"{figure(value * 100)} %"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], align: str = "") -> str:
    """Return a Markdown table.

    Args:
        head: Its columns.
        rows: Their cells.
        align: Of each column, l or r; empty: all but the first are numbers.
    """
    sides = align or "l" + "r" * (len(head) - 1)
    rule = ["---:" if side == "r" else "---" for side in sides]
    return "\n".join("| " + " | ".join(line) + " |" for line in (head, rule, *rows))
