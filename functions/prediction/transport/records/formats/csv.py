"""CSV (RFC 4180): a line of column names, then a line a row."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from functions.kit.contract.errors import Flaw, Unreadable, refused
from functions.kit.contract.requests.decoding import MOST_FLAWS
from functions.prediction.model.options import Options
from functions.prediction.model.questions import Question
from functions.prediction.model.records import MOST_RECORDS
from functions.prediction.model.responses import ignored
from functions.prediction.model.values.cells import values
from functions.prediction.model.values.columns import rows_of
from functions.prediction.service.ports import Predictor
from functions.prediction.transport.records.formats.beside import as_json, has
from functions.prediction.transport.records.formats.columns import (
    check_count,
    check_names,
)
from functions.prediction.transport.records.formats.forms import Answered


def read(body: bytes, predictor: Predictor, options: Options) -> Question:
    """Return what a body asks; raises Unreadable, Invalid."""
    names, rows = _table(body)
    known, unknown = check_names(names, predictor, options)
    check_count(len(rows))
    flaws = [
        Flaw(f"Expected {len(names)} cells, got {len(row)}", row=place)
        for place, row in enumerate(rows, 1)
        if len(row) != len(names)
    ]
    if flaws:
        raise refused("Some rows were refused", *flaws[:MOST_FLAWS])
    columns = zip(names, zip(*rows, strict=True), strict=True)
    cells = {name: values(known[name].kind, column) for name, column in columns if name in known}
    return Question(
        rows_of(cells, len(rows), predictor.reading), options, ignored(unknown) if unknown else ()
    )


def _table(body: bytes) -> tuple[list[str], list[list[str]]]:
    """Return the names of the columns, and the rows, one more than may be at most."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"The body is not UTF-8: {error.reason} at byte {error.start}.") from error
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        filled = (line for line in lines if line)
        names = next(filled, None)
        rows = [row for row, _ in zip(filled, range(MOST_RECORDS + 1), strict=False)]
    except csv.Error as error:
        raise Unreadable(f"The body is not CSV: line {lines.line_num}, {error}.") from error
    if names is None:
        raise Unreadable("The body is empty: its first line has to name the columns.")
    return names, rows


def write(answered: Answered) -> bytes:
    """Return an answer's bytes; the probability of a label is headed `p(label)`.

    Lists and what has parts are JSON within their cell.
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    columns = _columns(answered)
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return file.getvalue().encode()


def _columns(answered: Answered) -> dict[str, Iterable[Any]]:
    """Return the columns of an answer, by their heads."""
    found = answered.described.predictions()
    labels = answered.predictor.version.signature.labels
    columns: dict[str, Iterable[Any]] = {}
    if labels:
        columns["label"] = (one.label for one in found)
        columns["probability"] = (one.probability for one in found)
        shares = answered.output.T.tolist()
        columns |= {f"p({label})": share for label, share in zip(labels, shares, strict=True)}
    else:
        columns["value"] = (one.value for one in found)
    return columns | _beside(found)


def _beside(found: Sequence[Any]) -> dict[str, Iterable[Any]]:
    columns: dict[str, Iterable[Any]] = {}
    if has(found, "set"):
        columns["set"] = (as_json(one.set) for one in found)
    if has(found, "interval"):
        columns["low"] = (one.interval.low for one in found)
        columns["high"] = (one.interval.high for one in found)
    columns["warnings"] = (as_json(one.warnings) if one.warnings else "" for one in found)
    if has(found, "explanation"):
        columns["explanation"] = (as_json(one.explanation) for one in found)
    return columns
