"""What only a person can say: readings that fit every cell alike, and mean different things."""

from typing import Any

import msgspec

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


def header_asked(why: str) -> Question:
    """Return the question whether the first row names the columns, though it looks like data."""
    options = [
        Option("it is data; the columns are column_1, column_2 …", {"dialect": {"header": False}}),
        Option("it names the columns", {"dialect": {"header": True}}),
    ]
    return Question("header", None, why, options)


def _option(one: Decided, spelling: Spelling) -> Option:
    said: dict[str, Any] = {"source": one.source, "kind": spelling.kind}
    if spelling.kind in NUMERIC:
        said |= {"decimal": spelling.marks.decimal, "thousands": spelling.marks.thousands}
    else:
        said["date_format"] = spelling.date_format
    return Option(spelled(spelling), {"columns": [said]})
