"""How a file of text is written: what parts and encloses its cells, and whether it has a header."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from functions.datasets.model import limits
from functions.datasets.model.detection import above, row_names
from functions.datasets.model.detection.alike import compared
from functions.datasets.model.files.csv_rows import DELIMITERS, guess_delimiter
from functions.datasets.model.reading.shapes import DialectOverrule
from functions.kit.contract.wording import counted

# Rows of the sample that are looked at.
SAMPLE = 200
# The delimiter of the header stays unless another parts so many more rows alike.
_BETTER = 0.9
_YEARS = range(1000, 2201)


@dataclass
class Found:
    """Something that was detected, how sure it is (0 to 1), and why."""

    value: str | bool
    sure: float
    reason: str
    fits: float = 1.0
    misfits: list[tuple[int, str]] = field(default_factory=list)


def rows_of(text: str, delimiter: str, quote: str, most: int = SAMPLE) -> list[list[str]]:
    """Return the first rows of a text, as far as they can be read."""
    quoting = {"quotechar": quote} if quote else {"quoting": csv.QUOTE_NONE, "quotechar": None}
    lines = text.removeprefix("\ufeff").splitlines(keepends=True)
    reader = csv.reader(lines, delimiter=delimiter, strict=True, **quoting)
    rows: list[list[str]] = []
    try:
        for row in reader:
            if row:
                rows.append(row)
            if len(rows) == most:
                break
    except csv.Error:  # the rows before it tell enough; whoever reads the file places the fault
        return rows
    return rows


def _alike(rows: Sequence[Sequence[str]]) -> float:
    """Return the share of rows that have as many cells as the first; 0 for a single column."""
    rows = row_names.completed(above.below_titles(rows))
    if not rows or len(rows[0]) == 1:
        return 0.0
    return sum(len(row) == len(rows[0]) for row in rows) / len(rows)


def delimiter(text: str, quote: str) -> Found:
    """Detect what parts the cells."""
    header = next((line for line in text.splitlines() if line.strip("\ufeff")), "")
    usual = guess_delimiter(header.removeprefix("\ufeff"))
    shares = {mark: _alike(rows_of(text, mark, quote)) for mark in DELIMITERS}
    best = max(DELIMITERS, key=lambda mark: (shares[mark], mark == usual))
    if shares[usual] >= _BETTER * shares[best]:
        best = usual
    if not shares[best] and quote == '"' and row_names.are_enclosed(text):
        best = row_names.SPACE
    rows = row_names.completed(rows_of(text, best, quote))
    if not rows or len(rows[0]) == 1:
        return Found(best, 0.5, "each row has one cell")
    misfits = [
        (place, best.join(row)[:80]) for place, row in enumerate(rows) if len(row) != len(rows[0])
    ]
    why = f"it parts the header and the rows alike into {len(rows[0])} cells"
    share = _alike(rows)
    return Found(best, share, why, share, misfits[:5])


def quote(text: str) -> Found:
    """Detect what encloses cells that hold the delimiter."""
    double, single = _enclosed('"', text), _enclosed("'", text)
    # An apostrophe may begin a word, too: if it encloses cells, it closes each that it opens.
    if single > double and single == len(_OPENING.findall(text)):
        return Found("'", 0.9, f"{counted(single, 'cell')} enclosed by it")
    why = f"{counted(double, 'cell')} enclosed by it" if double else "it is the usual one"
    return Found('"', 0.95, why)


_OPENING = re.compile(r"(?:^|[,;\t|])'", re.MULTILINE)


def _enclosed(mark: str, text: str) -> int:
    """Return how many cells a mark encloses, whatever parts them."""
    cell = rf"(?:^|[,;\t|]){mark}(?:[^{mark}]|{mark}{mark})*{mark}(?=[,;\t|\r\n]|$)"
    return len(re.findall(cell, text, re.MULTILINE))


def header(rows: Sequence[Sequence[str]]) -> Found:
    """Detect whether the first row names the columns, or is data as the others are."""
    rows = row_names.completed(rows)
    if len(rows) < 2:
        return Found(value=True, sure=0.5, reason="there are no other rows to compare it with")
    like, unlike = compared(rows[0], rows[1:])
    if unlike:
        return Found(value=True, sure=0.99, reason=f"{unlike[0]!r} is unlike the cells below it")
    if not like:
        why = "all columns are words, so nothing tells names from data"
        return Found(value=True, sure=0.5, reason=why)
    if _are_labels(like):
        why = f"{like[0]!r} is a number, but the first row counts or names years"
        return Found(value=True, sure=0.6, reason=why)
    why = f"the first row looks like data: {like[0]!r} is as the cells below it"
    return Found(value=False, sure=0.9, reason=why)


def _are_labels(names: Sequence[str]) -> bool:
    """Tell whether whole numbers are names: years, or 0, 1, 2 as programs number columns."""
    if len(names) < 2 or not all(name.isdecimal() for name in names):
        return False
    places = [int(name) for name in names]
    if all(after - before == 1 for before, after in pairwise(places)):
        return True
    return len(set(places)) == len(places) and all(place in _YEARS for place in places)


def flaws_of(said: DialectOverrule) -> str | None:
    """Say why a dialect cannot be as somebody said, if it cannot."""
    if said.delimiter is not None and said.delimiter in {"", "\r", "\n", '"'}:
        return "delimiter must be one character, and no line end"
    if said.quote is not None and said.quote == said.delimiter:
        return "delimiter and quote must differ"
    if said.missing is not None and any(len(word) > limits.NAME_LENGTH for word in said.missing):
        return f"a word for missing is longer than {limits.NAME_LENGTH} characters"
    return None
