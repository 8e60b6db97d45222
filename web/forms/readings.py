"""What a file's refusal asks of its reading, as choices; and what was chosen, as one `reading`.

The function `datasets` ends the reason of such a flaw with the readings to choose from, each as
JSON with its meaning in brackets after it.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from web.client.errors import Failure, Flaw
from web.client.table_schemas import Preview
from web.forms.columns import KINDS

FIELD = "reading"
CHOICE = "choice."
ASKS = "; send the parameter reading as "
OR = " or "
# What date formats are made of, as a reader knows it.
PARTS = {
    "%d": "day",
    "%m": "month",
    "%Y": "year",
    "%y": "year (two digits)",
    "%b": "month's name, short",
    "%B": "month's name",
    "%H": "hour",
    "%I": "hour (of 12)",
    "%M": "minute",
    "%S": "second",
    "%p": "AM or PM",
}

# What may be said of a CSV file as a whole.
DIALECT: dict[str, tuple[str, dict[Any, str]]] = {
    "delimiter": ("Cells are parted by", {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}),
    "decimal": ("Decimal mark", {".": "point: 29.5", ",": "comma: 29,5"}),
    "header": ("First row", {True: "names the columns", False: "is data"}),
    "encoding": ("Letters are written in", {"utf-8": "UTF-8", "cp1252": "Windows-1252"}),
}

_decoder = json.JSONDecoder()


class _Said(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """What is said of a reading, as far as it matters for putting two together."""

    dialect: dict[str, Any] = {}
    columns: list[dict[str, Any]] = []


_said = msgspec.json.Decoder(_Said)


class Option(NamedTuple):
    """One answer: what it means, and the `reading` that says so, as JSON."""

    meaning: str
    reading: str


class Question(NamedTuple):
    """What must be said of a column, or of the whole file, before it is taken."""

    column: str | None
    text: str
    options: list[Option]


def questions(error: Failure | None) -> list[Question]:
    """Return what a refusal asks; nothing where its flaws are of another kind."""
    found = [_question(flaw) for flaw in error.flaws] if error else []
    return [one for one in found if one is not None]


def chosen(fields: Mapping[str, str]) -> str:
    """Return what a form says of a reading, as one JSON: what was said before, and its choices.

    What was said and cannot be read goes as it is: the function says what is wrong with it.
    """
    before = fields.get(FIELD, "").strip()
    choices = [text for name, text in fields.items() if name.startswith(CHOICE) and text]
    if not choices:
        return before
    try:
        said = [_said.decode(text) for text in ([before] if before else []) + choices]
    except msgspec.DecodeError:
        return before
    return msgspec.json.encode(_together(said)).decode()


def asked_of(preview: Preview) -> list[Question]:
    """Return what a preview asks, as `questions` does of a refusal."""
    return [
        Question(
            one.column,
            one.question,
            [Option(_plain(option.meaning), _json(option.reading)) for option in one.options],
        )
        for one in preview.questions
    ]


def dialect_choices(preview: Preview) -> list[tuple[str, str, list[Option]]]:
    """Return what may be said of a CSV file as a whole: the label, the field and the answers."""
    found = preview.reading.get("dialect", {}) if isinstance(preview.reading, dict) else {}
    if found.get("format") != "csv":
        return []
    return [
        (label, name, [_said_of(name, value, text, found) for value, text in answers.items()])
        for name, (label, answers) in DIALECT.items()
    ]


def kind_choices(source: str) -> list[Option]:
    """Return the kinds that a column of a file may be said to have."""
    return [
        Option(words, _json({"columns": [{"source": source, "kind": kind}]}))
        for kind, words in KINDS.items()
    ]


def _said_of(name: str, value: Any, text: str, found: Mapping[str, Any]) -> Option:
    mark = " (as it is read now)" if found.get(name) == value else ""
    return Option(text + mark, _json({"dialect": {name: value}}))


def _json(reading: Mapping[str, Any]) -> str:
    return msgspec.json.encode(reading).decode()


def _question(flaw: Flaw) -> Question | None:
    text, asks, ways = flaw.reason.partition(ASKS)
    if not asks:
        return None
    try:
        options = list(_options(ways))
    except ValueError:
        return None
    return Question(flaw.column, text, options)


def _options(ways: str) -> Iterator[Option]:
    """Read `{"a": 1} (meaning) or {"b": 2} (meaning)`; raise ValueError where it is not so."""
    while ways:
        _, end = _decoder.raw_decode(ways)
        meaning, closed, rest = ways[end:].partition(")" + OR + "{")
        if not meaning.startswith(" ("):
            raise ValueError(f"no meaning follows {ways[:end]}")
        yield Option(_plain(meaning[2:] if closed else meaning[2:].removesuffix(")")), ways[:end])
        ways = "{" + rest if closed else ""


def _plain(meaning: str) -> str:
    """Write the format of a date in words: "a day written day/month/year"."""
    return re.sub("%[A-Za-z]", lambda found: PARTS.get(found[0], found[0]), meaning)


def _together(said: Iterable[_Said]) -> _Said:
    """Return readings as one: of the same thing, what is said last holds."""
    whole = _Said()
    columns: dict[str, dict[str, Any]] = {}
    for one in said:
        whole.dialect = whole.dialect | one.dialect
        columns |= {str(column.get("source", column.get("name"))): column for column in one.columns}
    whole.columns = list(columns.values())
    return whole
