"""What a notebook says, as blocks, and blocks as a page."""

import io

import msgspec
import pypdf
import pytest

from functions.reports.adapters.typeset_process import typeset
from functions.reports.model.document import (
    Figure,
    Heading,
    Items,
    Paragraph,
    Table,
    Title,
    blocks_of,
    body_of,
    title_of,
)
from functions.reports.model.pages import page
from functions.reports.notebooks.marks import BLOCK, SVG

TITLE = {"kind": "title", "text": "On <b>", "beneath": "now"}
FIGURE = {"kind": "figure", "number": 1, "caption": "A & B", "width": 304}
TABLE = {
    "kind": "table",
    "number": 1,
    "caption": "All",
    "head": ["a", "b"],
    "rows": [["<i>", "1"]],
    "texts": [0],
}


def notebook(*blocks, markdown="# Ours\n\n## Part\n\nOne line\nand another."):
    shown = [{"data": {BLOCK: one, SVG: ["<svg>", "</svg>"]}} for one in blocks]
    beside = {"data": {"text/plain": "seen by readers of the notebook alone"}}
    stream = {"output_type": "stream", "text": "likewise"}
    cells = [
        {"cell_type": "markdown", "source": markdown},
        {"cell_type": "code", "source": ["x"], "outputs": [*shown, beside, stream]},
    ]
    return msgspec.json.encode({"cells": cells, "nbformat": 4})


def test_a_notebook_is_read_as_blocks():
    blocks = blocks_of(notebook(TITLE, FIGURE, TABLE, {"kind": "list", "items": ["x"]}))
    assert blocks == [
        Heading(1, "Ours"),
        Heading(2, "Part"),
        Paragraph("One line and another."),
        Title("On <b>", "now"),
        Figure(1, "A & B", 304, "<svg></svg>"),
        Table(1, "All", ["a", "b"], [["<i>", "1"]], [0]),
        Items(["x"]),
    ]
    assert title_of(blocks).text == "On <b>"
    assert [type(one) for one in body_of(blocks)][:2] == [Heading, Paragraph]


@pytest.mark.parametrize("text", [b"", b"{}", b'{"cells": [{"cell_type": 1}]}', b"\xff"])
def test_what_is_no_notebook_is_refused(text):
    with pytest.raises(msgspec.DecodeError):
        blocks_of(text)


def test_a_page_has_text_as_text_and_pictures_as_images():
    made = page(blocks_of(notebook(TITLE, FIGURE, FIGURE | {"number": 2, "width": 620}, TABLE)))
    assert "<title>On &lt;b&gt;</title>" in made
    assert '<td class="words">&lt;i&gt;</td><td>1</td>' in made
    assert made.count('<figure class="half">') == 1
    assert made.count('<div class="figures">') == 1
    assert "<svg" not in made
    assert 'alt="A &amp; B"' in made
    assert "Figure 2. A &amp; B" in made


def test_a_page_without_a_title_is_a_page():
    assert "<h1>Report</h1>" in page([])


@pytest.mark.parametrize(
    ("text", "is_lacking"),
    [("Größe ≤ Ελλ Жук", False), ("年齢 العمر 나이", True), ("a\u0301", False)],
)
def test_a_pdf_says_where_letters_cannot_be_shown(text, is_lacking, tmp_path):
    """The fonts of the machine would decide otherwise: only typst's own are taken here."""
    table = TABLE | {"head": [text, "b"]}
    blocks = blocks_of(notebook(TITLE, table))
    made = typeset(blocks, tmp_path, ignore_system_fonts=True)
    page, *_ = pypdf.PdfReader(io.BytesIO(made)).pages
    said = " ".join(page.extract_text().split())
    assert ("stand here as empty boxes" in said) is is_lacking
