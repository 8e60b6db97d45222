"""What a function says of a refused value, in a reader's words in place of a programmer's."""

import re
from collections.abc import Callable

_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "bool": "true or false",
    "null": "nothing",
    "object": "an object",
    "array": "a list",
    "date": "a day",
    "datetime": "a moment",
}
_LIMITS = {">=": "{} or more", "<=": "{} or less", ">": "more than {}", "<": "less than {}"}
_UNITS = {"str": "characters", "array": "entries", "object": "entries"}


def plain(text: str) -> str:
    """Return a text with msgspec's sentences put into words; any other stays as it is."""
    for pattern, words in _SENTENCES:
        text = pattern.sub(words, text)
    return text


def _other_kind(found: re.Match[str]) -> str:
    return f"must be {_kinds(found[1])}, not {_kinds(found[2])}"


def _kind(found: re.Match[str]) -> str:
    return f"must be {_kinds(found[1])}"


def _limit(found: re.Match[str]) -> str:
    return f"must be {_LIMITS[found[2]].format(_number(found[3]))}"


def _length(found: re.Match[str]) -> str:
    most = _LIMITS[found[2]].format(_number(found[3]))
    return f"must have {most} {_UNITS.get(found[1], 'entries')}"


def _kinds(names: str) -> str:
    return " or ".join(_KINDS.get(name, name) for name in names.split(" | "))


def _number(text: str) -> str:
    value = float(text)
    return f"{value:,.0f}" if value.is_integer() and abs(value) < 1e15 else f"{value:g}"


_TYPE = r"`([a-z]+(?: \| [a-z]+)*)`"
_LIMITED = r"(>=|<=|>|<) (-?[\d.]+(?:e[+-]?\d+)?)(?<!\.)"
_SENTENCES: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (re.compile(rf"Expected {_TYPE}, got {_TYPE}"), _other_kind),
    (re.compile(rf"Expected `([a-z]+)` of length {_LIMITED}"), _length),
    (re.compile(rf"Expected `([a-z]+)(?: \| null)?` {_LIMITED}"), _limit),
    (
        re.compile(r"Expected `str(?: \| null)?` matching regex '.*?'(?=$|[.;] |\.$)"),
        "is not of the form that it must have",
    ),
    (re.compile(rf"Expected {_TYPE}"), _kind),
    (re.compile(r"Invalid enum value ('[^']*'|\d+)"), r"must not be \1"),
    (re.compile(r"Object missing required field `(.+?)`"), r"\1 is missing"),
    (re.compile(r"Object contains unknown field `(.+?)`"), r"there is no field \1"),
)
