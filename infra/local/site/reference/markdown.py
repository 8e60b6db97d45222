"""Texts of the code as Markdown."""

import re
from collections.abc import Iterable, Sequence

_SPECIAL = re.compile(r"([\\*_\[\]<>])")


def plain(text: str) -> str:
    """Return a text as it stands, on one line that a table's cell takes.

    What stands between backticks stays code.
    """
    parts = re.split(r"(`[^`]*`)", " ".join(text.split()))
    shown = (one if one.startswith("`") else _SPECIAL.sub(r"\\\1", one) for one in parts)
    return "".join(shown).replace("|", "\\|")


def code(text: object) -> str:
    """Return a text as code in a cell; empty where it is."""
    shown = str(text).replace("|", "\\|")
    return f"`{shown}`" if shown else ""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table, and an empty one; nothing where there is no row."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    if not lines:
        return []
    return [f"| {' | '.join(head)} |", "|" + "---|" * len(head), *lines, ""]
