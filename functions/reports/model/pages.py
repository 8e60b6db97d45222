"""A report as one HTML page, without scripts and without anything from elsewhere."""

import base64
from collections.abc import Iterator
from functools import singledispatch
from html import escape

from functions.reports.model.document import (
    Block,
    Figure,
    Heading,
    Items,
    Paragraph,
    Table,
    Title,
    body_of,
    title_of,
)
from functions.reports.notebooks.marks import HALF_WIDTH

_STYLE = """
:root { color-scheme: light; --ink: #2b3138; --soft: #5d666e; --line: #d9dee2; }
* { box-sizing: border-box; }
body { font: 1.05rem/1.55 Georgia, "Times New Roman", serif; color: var(--ink); background: #fff;
  max-width: 46rem; margin: 0 auto; padding: 2.5rem 1.25rem 5rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .25rem; overflow-wrap: anywhere; }
.beneath { color: var(--soft); margin: 0 0 2rem; overflow-wrap: anywhere; }
h2 { font-size: 1.35rem; margin: 2.75rem 0 .75rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p, li { overflow-wrap: anywhere; }
.figures { display: flex; flex-wrap: wrap; gap: 1rem; margin: 1rem 0; }
figure { margin: 0; flex: 1 1 100%; }
figure.half { flex: 0 1 calc(50% - .5rem); min-width: 17rem; }
img { max-width: 100%; height: auto; }
figcaption, caption { color: var(--soft); font-size: .88rem; text-align: left; padding: .3rem 0; }
.wide { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th { text-align: right; font-weight: 600; border-bottom: 1.5px solid var(--ink); }
td { text-align: right; border-bottom: 1px solid var(--line); font-variant-numeric: tabular-nums;
  overflow-wrap: anywhere; vertical-align: top; }
th, td { padding: .3rem .5rem; }
.words { text-align: left; }
@media print { body { max-width: none; } figure, tr { break-inside: avoid; } }
"""


def page(blocks: list[Block]) -> str:
    """Return the page."""
    title = title_of(blocks)
    body = "\n".join(_lines(body_of(blocks)))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title.text)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f'<h1>{escape(title.text)}</h1>\n<p class="beneath">{escape(title.beneath)}</p>\n'
        f"{body}\n</main>\n</body>\n</html>\n"
    )


def _lines(blocks: list[Block]) -> Iterator[str]:
    """Yield what stands in the body; figures that follow one another share their lines."""
    together: list[str] = []
    for block in blocks:
        if isinstance(block, Figure):
            together.append(_html(block))
            continue
        if together:
            yield f'<div class="figures">{"".join(together)}</div>'
            together = []
        yield _html(block)
    if together:
        yield f'<div class="figures">{"".join(together)}</div>'


@singledispatch
def _html(block: object) -> str:
    raise TypeError(type(block))


@_html.register
def _(block: Heading) -> str:
    level = min(max(block.level, 2), 6)
    return f"<h{level}>{escape(block.text)}</h{level}>"


@_html.register
def _(block: Paragraph) -> str:
    return f"<p>{escape(block.text)}</p>"


@_html.register
def _(block: Title) -> str:
    return f"<h2>{escape(block.text)}</h2>"


@_html.register
def _(block: Items) -> str:
    return f"<ul>{''.join(f'<li>{escape(one)}</li>' for one in block.items)}</ul>"


@_html.register
def _(block: Table) -> str:
    head = _row("th", block.head, block.texts)
    rows = "".join(_row("td", row, block.texts) for row in block.rows)
    caption = f"<caption>Table {block.number}. {escape(block.caption)}</caption>"
    return (
        f'<div class="wide"><table>{caption}<thead>{head}</thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


@_html.register
def _(block: Figure) -> str:
    # As an image it can do nothing, whatever is in it.
    picture = base64.b64encode(block.svg.encode()).decode()
    size = ' class="half"' if block.width <= HALF_WIDTH else ""
    source = f"data:image/svg+xml;base64,{picture}"
    return (
        f'<figure{size}><img alt="{escape(block.caption)}" src="{source}">'
        f"<figcaption>Figure {block.number}. {escape(block.caption)}</figcaption></figure>"
    )


def _row(tag: str, cells: list[str], texts: list[int]) -> str:
    sides = [' class="words"' if place in texts else "" for place in range(len(cells))]
    made = (f"<{tag}{side}>{escape(one)}</{tag}>" for one, side in zip(cells, sides, strict=True))
    return f"<tr>{''.join(made)}</tr>"
