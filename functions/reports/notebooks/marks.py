"""How what a cell shows is marked: beside its picture, as data that pages are set from."""

BLOCK = "application/vnd.mayfly.block+json"
"""The media type of one block: `{"kind": …}` with what that kind has."""
SVG = "image/svg+xml"
FULL_WIDTH, HALF_WIDTH = 620, 304
"""Of charts, in pixels: the text of a page, and a half of it."""
MOST_TEXT = 600
"""Characters of a text; a longer one is cut."""
MOST_CELL = 60
"""Likewise of a cell in a table, and of a name in a chart."""


def plain(value: object, most: int = MOST_TEXT) -> str:
    """Return a value as one line of printable text: what a caller named is text, and no more."""
    line = " ".join(str(value).split())
    seen = "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in line)
    return seen if len(seen) <= most else seen[: most - 1] + "…"
