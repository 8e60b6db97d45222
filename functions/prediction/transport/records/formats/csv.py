"""CSV (RFC 4180): a line of column names, then a line a row."""

import csv
import io

import msgspec

from functions.kit.contract.errors import Flaw, Unreadable, refused
from functions.prediction.model.options import Options
from functions.prediction.model.questions import Question
from functions.prediction.model.records import MOST_RECORDS
from functions.prediction.model.values.arrow import records_of
from functions.prediction.model.values.cells import READERS
from functions.prediction.service.ports import Predictor
from functions.prediction.transport.records.formats.columns import (
    check_count,
    check_names,
)
from functions.prediction.transport.records.formats.forms import Answered

MOST_FLAWS = 20


def read(body: bytes, predictor: Predictor, options: Options) -> Question:
    """Return what a body asks; raises Unreadable, Invalid."""
    names, rows = _table(body)
    known, _unknown = check_names(names, predictor, options)
    check_count(len(rows))
    flaws = [
        Flaw(f"Expected {len(names)} cells, got {len(row)}", row=place)
        for place, row in enumerate(rows, 1)
        if len(row) != len(names)
    ]
    if flaws:
        raise refused("Some rows were refused", *flaws[:MOST_FLAWS])
    columns = zip(names, zip(*rows, strict=True), strict=True)
    cells = {
        name: [*map(READERS[known[name].kind], column)] for name, column in columns if name in known
    }
    return Question(predictor.reader.convert(records_of(cells)), options)


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
    """Return an answer's bytes; those of a label's probability are headed `p(label)`."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    labels = answered.predictor.version.signature.labels
    predictions = answered.response.predictions
    if labels:
        writer.writerow(["label", "probability", *(f"p({label})" for label in labels)])
        writer.writerows(
            [one.label, _number(one.probability), *map(_number, row)]
            for one, row in zip(predictions, answered.output.tolist(), strict=True)
        )
    else:
        writer.writerow(["value"])
        writer.writerows([_number(one.value)] for one in predictions)
    return file.getvalue().encode()


def _number(value: float) -> str:
    """Return a number as JSON has it."""
    return msgspec.json.encode(value).decode()
