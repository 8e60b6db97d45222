"""What an executed notebook says, as blocks: PDF and HTML are set from these, and from no markup.

A markdown cell is ours, and has headings and paragraphs alone. What code cells show is marked
(`notebooks/marks.py`); all else that they print is for readers of the notebook.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from functions.reports.notebooks.marks import BLOCK, SVG


class Heading(msgspec.Struct, tag="heading", tag_field="kind"):
    """A heading; those of level 1 are the notebook's own, and a report has a Title instead."""

    level: int
    text: str


class Paragraph(msgspec.Struct, tag="paragraph", tag_field="kind"):
    """A paragraph of plain text."""

    text: str


class Title(msgspec.Struct, tag="title", tag_field="kind"):
    """What the report is called."""

    text: str
    beneath: str


class Items(msgspec.Struct, tag="list", tag_field="kind"):
    """A list of sentences."""

    items: list[str]


class Table(msgspec.Struct, tag="table", tag_field="kind"):
    """A numbered table; the columns at the places `texts` are words, the others numbers."""

    number: int
    caption: str
    head: list[str]
    rows: list[list[str]]
    texts: list[int]


class Figure(msgspec.Struct, tag="figure", tag_field="kind"):
    """A numbered chart; `width` in pixels tells how much of the page it takes."""

    number: int
    caption: str
    width: float
    svg: str = ""


Block = Heading | Paragraph | Title | Items | Table | Figure
_shown = msgspec.json.Decoder(Title | Paragraph | Items | Table | Figure)


class _Output(msgspec.Struct):
    data: dict[str, msgspec.Raw] = {}


class _Cell(msgspec.Struct):
    cell_type: str
    source: str | list[str]
    outputs: list[_Output] = []


class _Notebook(msgspec.Struct):
    cells: list[_Cell]


def blocks_of(notebook: bytes) -> list[Block]:
    """Return what a notebook says, in order; raises msgspec.DecodeError where it is none."""
    found: list[Block] = []
    for cell in msgspec.json.decode(notebook, type=_Notebook).cells:
        if cell.cell_type == "markdown":
            found += _markdown(_joined(cell.source))
        else:
            found += [_block(one.data) for one in cell.outputs if BLOCK in one.data]
    return found


def title_of(blocks: list[Block]) -> Title:
    """Return the title; one that says nothing where there is none."""
    return next((one for one in blocks if isinstance(one, Title)), Title("Report", ""))


def body_of(blocks: list[Block]) -> list[Block]:
    """Return what a page has beneath its title."""
    return [
        one
        for one in blocks
        if not isinstance(one, Title) and not (isinstance(one, Heading) and one.level == 1)
    ]


def _block(data: dict[str, msgspec.Raw]) -> Block:
    block: Block = _shown.decode(data[BLOCK])
    if isinstance(block, Figure):
        block.svg = _joined(msgspec.json.decode(data[SVG], type=str | list[str]))
    return block


def _markdown(text: str) -> Iterator[Block]:
    for part in text.split("\n\n"):
        line = " ".join(part.split())
        marks = len(line) - len(line.lstrip("#"))
        if marks:
            yield Heading(marks, line[marks:].strip())
        elif line:
            yield Paragraph(line)


def _joined(source: Any) -> str:
    return source if isinstance(source, str) else "".join(source)
