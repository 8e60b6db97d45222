"""What only a person can say: readings that fit every cell alike, and mean different things."""

from typing import Any, Protocol

import msgspec

from functions.datasets.model.detection import above, row_names
from functions.datasets.model.detection.alike import Rows
from functions.datasets.model.reading.columns import Decided
from functions.datasets.model.reading.reasons import spelled
from functions.datasets.model.reading.spellings import NUMERIC, Spelling
from functions.kit.contract.errors import Flaw


class Option(msgspec.Struct):
    """One answer to a question: what it means, and the `reading` that says so."""

    meaning: str
    reading: dict[str, Any]


class Question(msgspec.Struct):
    """Something that must be said before the file is taken."""

    what: str
    column: str | None
    question: str
    options: list[Option]

    @property
    def flaw(self) -> Flaw:
        """Why a file is refused that comes without the answer."""
        ways = " or ".join(
            f"{msgspec.json.encode(option.reading).decode()} ({option.meaning})"
            for option in self.options
        )
        return Flaw(f"{self.question}; send the parameter reading as {ways}", column=self.column)


def asked(one: Decided) -> list[Question]:
    """Return what must be said of a column."""
    if not one.choice.others:
        return []
    options = [_option(one, spelling) for spelling in (one.choice.spelling, *one.choice.others)]
    example = next((value for group in one.seen.groups.values() for _, value in group.examples), "")
    what = "numbers" if one.choice.kind in NUMERIC else "date_format"
    text = f"its cells, such as {example!r}, can be read in {len(options)} ways"
    return [Question(what, one.name, text, options)]


class Said(Protocol):
    """Whether the first row is a header, and why."""

    @property
    def value(self) -> object:
        """See above."""

    @property
    def reason(self) -> str:
        """See above."""


def header_questions(header: Said, rows: Rows) -> list[Question]:
    """Return what only a person can say of the first two rows."""
    if not header.value:
        return [header_asked(header.reason)]
    cell = above.second_header(row_names.completed(rows))
    return [] if cell is None else [second_header_asked(cell)]


def header_asked(why: str) -> Question:
    """Return the question whether the first row names the columns, though it looks like data."""
    options = [
        Option("it is data; the columns are column_1, column_2 …", {"dialect": {"header": False}}),
        Option("it names the columns", {"dialect": {"header": True}}),
    ]
    return Question("header", None, why, options)


def titled(count: int, rows: Rows, delimiter: str) -> str:
    """Say that a file cannot be read whose table has `count` lines above its header."""
    lines = "the first line" if count == 1 else f"the first {count} lines"
    it = "it" if count == 1 else "them"
    return (
        f"{lines}, {rows[0][0][:80]!r}, cannot name the columns: below {it} are "
        f"{len(rows[count])} cells a line; remove {it}, or say in the parameter reading what parts "
        f'the cells, as {{"dialect": {{"delimiter": "{delimiter}"}}}}'
    )


def second_header_asked(cell: str) -> Question:
    """Return the question whether the first row below the header is data, as it does not seem."""
    text = (
        f"row 1 looks like a second line of names: {cell!r} is unlike the cells below it; remove "
        "that line from the file, or say that it is a row"
    )
    return Question("header", None, text, [Option("it is a row", {"dialect": {"header": True}})])


def _option(one: Decided, spelling: Spelling) -> Option:
    said: dict[str, Any] = {"source": one.source, "kind": spelling.kind}
    if spelling.kind in NUMERIC:
        said |= {"decimal": spelling.marks.decimal, "thousands": spelling.marks.thousands}
    else:
        said["date_format"] = spelling.date_format
    return Option(spelled(spelling), {"columns": [said]})
