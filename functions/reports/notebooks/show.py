"""What a cell shows: a table, a chart, a sentence; each for people, and for who sets the report.

Everything goes through `plain` and `html.escape`: nothing that a caller named is markup anywhere.
"""

import html
import itertools
from collections.abc import Sequence
from typing import Any

import vl_convert
from IPython.display import display

from functions.reports.notebooks.marks import BLOCK, MOST_CELL, SVG, plain

_tables, _figures = itertools.count(1), itertools.count(1)


def title(text: str, beneath: str) -> None:
    """Show what the report is called, and a line beneath."""
    text, beneath = plain(text), plain(beneath)
    shown = f"<h1>{html.escape(text)}</h1><p>{html.escape(beneath)}</p>"
    _show({"kind": "title", "text": text, "beneath": beneath}, f"{text}\n{beneath}", shown)


def say(text: str) -> None:
    """Show a paragraph."""
    text = plain(text, 4000)
    _show({"kind": "paragraph", "text": text}, text, f"<p>{html.escape(text)}</p>")


def notes(lines: Sequence[str], none: str) -> None:
    """Show a list of sentences; where there is none, the one that says so."""
    if not lines:
        say(none)
        return
    kept = [plain(line) for line in lines]
    items = "".join(f"<li>{html.escape(line)}</li>" for line in kept)
    text = "\n".join(f"- {line}" for line in kept)
    _show({"kind": "list", "items": kept}, text, f"<ul>{items}</ul>")


def table(
    caption: str, head: Sequence[str], rows: Sequence[Sequence[Any]], texts: Sequence[int] = (0,)
) -> None:
    """Show a numbered table; the columns at the places `texts` are words, the others numbers."""
    number, caption = next(_tables), plain(caption)
    names = [plain(name, MOST_CELL) for name in head]
    cells = [[plain(cell, MOST_CELL) for cell in row] for row in rows]
    block = {
        "kind": "table",
        "number": number,
        "caption": caption,
        "head": names,
        "rows": cells,
        "texts": list(texts),
    }
    head_row = "".join(f"<th>{html.escape(name)}</th>" for name in names)
    body = "".join(
        f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in row)}</tr>" for row in cells
    )
    legend = f"<caption>Table {number}. {html.escape(caption)}</caption>"
    shown = f"<table>{legend}<thead><tr>{head_row}</tr></thead><tbody>{body}</tbody></table>"
    text = "\n".join(" | ".join(row) for row in [names, *cells])
    _show(block, f"Table {number}. {caption}\n{text}", shown)


def figure(chart: Any, caption: str) -> None:
    """Show a numbered chart of Altair, with its specification and as a picture."""
    number, caption = next(_figures), plain(caption)
    specification = chart.to_dict()
    block = {
        "kind": "figure",
        "number": number,
        "caption": caption,
        "width": specification["width"],
    }
    legend = f"Figure {number}. {caption}"
    picture = {
        BLOCK: block,
        _vega_lite(specification): specification,
        SVG: vl_convert.vegalite_to_svg(specification, allowed_base_urls=[]),
        "text/plain": legend,
    }
    _display(picture)
    _display({"text/plain": legend, "text/html": f"<p><em>{html.escape(legend)}</em></p>"})


def _vega_lite(specification: dict[str, Any]) -> str:
    """Return the media type of a chart, which names the version of Vega-Lite."""
    version = specification["$schema"].rpartition("/v")[2].partition(".")[0]
    return f"application/vnd.vegalite.v{version}+json"


def _show(block: dict[str, Any], text: str, shown: str) -> None:
    _display({BLOCK: block, "text/plain": text, "text/html": shown})


def _display(forms: dict[str, Any]) -> None:
    display(forms, raw=True)
