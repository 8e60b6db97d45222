"""The forms of a call side by side: bytes, and time in the process, by how much of it is numbers.

`python -m benchmarks.serving.formats [--seconds 0.4] [--keep]`

Each form reads rows, has a model of nearly no cost predict, and writes the answer in the same form:
what `prediction` does of a call, without HTTP. `--keep` puts the table and the chart into `docs/`.
"""

import argparse
import gc
import re
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from benchmarks.serving import form_chart, form_rows
from benchmarks.stack import ROOT
from functions.prediction.adapters.predictor import Predictor
from functions.prediction.model.options import USUAL
from functions.prediction.transport.records.formats import json, media
from functions.prediction.transport.records.formats.forms import Answered, form

LEAST = 20
"""Calls that each figure is of, at least."""
ROWS = (1, 1000)
NAMES = {
    media.JSON: "JSON",
    media.JSON_LINES: "JSON Lines",
    media.CSV: "CSV",
    media.ARROW: "Arrow",
    media.PROTOBUF: "Protocol Buffers",
}
PAGE = ROOT / "docs" / "formats.md"
CHART = ROOT / "docs" / "images" / "formats.svg"
FIGURES = re.compile("(<!-- figures -->\n).*(<!-- /figures -->)", re.DOTALL)


class Figure(NamedTuple):
    """What one form costs.

    Attributes:
        form: its name.
        rows: of the call.
        numeric: percent of the columns that are numbers.
        asked: bytes of the request's body.
        answered: bytes of the answer's.
        microseconds: of the processor, of the calls' quickest tenth the slowest.
    """

    form: str
    rows: int
    numeric: int
    asked: int
    answered: int
    microseconds: float


def answer(kind: str, body: bytes, predictor: Predictor) -> bytes:
    """Return the answer to a body, in its own form."""
    reader = json if kind == media.JSON else form(kind)
    question = reader.read(body, predictor, USUAL)
    given = predictor.predict(question.rows)
    described = predictor.describe(question, given)
    found = Answered("0" * 19, predictor, described)
    if kind == media.JSON:
        return json.write(found.response())
    return form(kind).write(found)


def cost(call: Callable[[], object], seconds: float) -> float:
    """Return the microseconds of the processor that a call takes, where nobody disturbs it.

    It is called for so long; the quickest tenth counts, for what else the machine does only adds.
    """
    call()
    gc.collect()
    took: list[float] = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until or len(took) < LEAST:
        began = time.thread_time()
        call()
        took.append(time.thread_time() - began)
    return sorted(took)[len(took) // 10] * 1e6


def measured(seconds: float) -> Iterator[Figure]:
    """Yield what each form costs of each table."""
    for share in form_chart.SHARES:
        numeric = form_rows.COLUMNS * share // 100
        predictor = form_rows.predictor(numeric)
        for rows in ROWS:
            bodies = form_rows.bodies(form_rows.table(numeric, rows), predictor)
            for kind, body in bodies.items():
                call = partial(answer, kind, body, predictor)
                spent = cost(call, seconds)
                yield Figure(NAMES[kind], rows, share, len(body), len(call()), spent)


def told(figures: list[Figure]) -> str:
    """Return a table of Markdown for each number of rows."""
    parts = []
    for rows in ROWS:
        heads = "".join(f" {share} % |" for share in form_chart.SHARES)
        lines = [f"| {rows:,} row{'s' if rows > 1 else ''}, of which numbers |{heads}"]
        lines.append("|---|" + "---:|" * len(form_chart.SHARES))
        for name in NAMES.values():
            cells = [_cell(one) for one in figures if (one.form, one.rows) == (name, rows)]
            lines.append(f"| {name} | {' | '.join(cells)} |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def _cell(one: Figure) -> str:
    size = f"{one.asked / 1000:,.1f} kB" if one.asked >= 1000 else f"{one.asked} B"
    spent = one.microseconds
    return f"{size}, {spent / 1000:,.2f} ms" if spent >= 1000 else f"{size}, {spent:,.0f} µs"


def keep(figures: list[Figure], page: Path = PAGE, chart: Path = CHART) -> None:
    """Put the table into the page, and the chart beside it."""
    text = page.read_text(encoding="utf-8")
    table = told(figures).replace("\\", "\\\\")
    page.write_text(FIGURES.sub(rf"\g<1>{table}\n\g<2>", text), encoding="utf-8")
    chart.write_text(form_chart.svg([one._asdict() for one in figures]), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=0.4, help="for each figure")
    parser.add_argument("--keep", action="store_true", help="put table and chart into docs/")
    options = parser.parse_args()
    figures = [*measured(options.seconds)]
    print(told(figures))
    if options.keep:
        keep(figures)


if __name__ == "__main__":
    main()
