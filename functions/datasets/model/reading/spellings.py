"""What the text of a cell may stand for: every spelling of every kind that it fits."""

import functools
import re
from typing import NamedTuple

from functions.datasets.model import cells
from functions.datasets.model.reading import numbers
from functions.datasets.model.reading.numbers import Marks
from functions.kit.contract.records import dates
from functions.kit.contract.records.columns import Kind


class Spelling(NamedTuple):
    """One kind, and how its values are written."""

    kind: Kind
    marks: Marks = numbers.PLAIN
    date_format: str = ""


Fits = frozenset[Spelling]
NOTHING: Fits = frozenset()
BOOLEAN = Spelling("boolean")
# The strictest kind first: the first that fits every cell is the column's.
ORDER: tuple[Kind, ...] = ("boolean", "integer", "number", "date", "datetime")
NUMERIC: tuple[Kind, ...] = ("integer", "number")
# Stands in a set for infinity, or a number too large: a flaw among numbers, a word among words.
INFINITE = Spelling("number", Marks("", "", "infinite"))
LONGEST = 64  # characters of what may be more than words
SAFE = 14  # signs of a number that surely has fewer digits than a float holds
_LONG: tuple[Fits, tuple[str, ...], bool] = (NOTHING, (), False)
_SHAPE = str.maketrans("123456789", "9" * 9)
_DIGIT = re.compile("[0-9]", re.ASCII)


def shape_of(text: str) -> str:
    """Return a text with all digits but 0 alike: of one shape, numbers are spelled alike."""
    return text.translate(_SHAPE)


def all_fit(shape: str, live: frozenset[str] | None) -> Fits | None:
    """Return what all texts of a shape fit; None where each must be looked at.

    Args:
        shape: of texts without spaces around them.
        live: formats of dates that matter; None for all.
    """
    found, formats, is_large = _of_shape(shape) if len(shape) <= LONGEST else _LONG
    if is_large or (formats and (live is None or not live.isdisjoint(formats))):
        return None
    return found


def fits(text: str, live: frozenset[str] | None = None) -> Fits:
    """Return all spellings that a cell's text, without spaces around it, fits."""
    if len(text) > LONGEST:
        return NOTHING
    found, formats, is_large = _of_shape(shape_of(text))
    if is_large:
        found = _numbers(text)
    if live is not None:
        formats = tuple(one for one in formats if one in live)
    return found | _dates(text, formats) if formats else found


@functools.lru_cache(maxsize=8192)
def _of_shape(shape: str) -> tuple[Fits, tuple[str, ...], bool]:
    """Return what texts of a shape fit as numbers or words, and which formats they may be in.

    The last says that it depends on the digits which numbers they are.
    """
    if not _DIGIT.search(shape):
        return _words(shape), (), False
    is_large = (len(shape) > SAFE or "e" in shape or "E" in shape) and _is_number(shape)
    return _numbers(shape), _formats(shape), is_large


def _words(text: str) -> Fits:
    if text.lower() in cells.BOOLEANS:
        return frozenset([BOOLEAN])
    return frozenset([INFINITE]) if cells.is_infinite(text) else NOTHING


def _is_number(text: str) -> bool:
    unit = numbers.unit_of(text)
    return any(numbers.canonical(text, Marks(*one[:2], unit)) for one in numbers.ALL)


def _numbers(text: str) -> Fits:
    """Return the spellings of numbers that a text fits; of numbers, all of a shape are alike."""
    unit = numbers.unit_of(text)
    found: set[Spelling] = set()
    for decimal, thousands, _ in numbers.ALL:
        marks = Marks(decimal, thousands, unit)
        plain = numbers.canonical(text, marks)
        if plain is None:
            continue
        if numbers.is_whole(plain):
            found.add(Spelling("integer", marks))
        if numbers.is_finite(plain):
            found.add(Spelling("number", marks))
        elif cells.is_infinite(plain):
            found.add(INFINITE)
    return frozenset(found)


def _formats(shape: str) -> tuple[str, ...]:
    """Return the formats of dates that a text of this shape may be written in."""
    named = (*dates.DATES, *dates.MOMENTS)
    return tuple(one for one in (dates.ISO, *named) if dates.may_be(one, shape))


def _dates(text: str, formats: tuple[str, ...]) -> Fits:
    return frozenset(
        Spelling("datetime" if dates.has_time(one) else "date", date_format=one)
        for one in formats
        if dates.reader(one)(text) is not None
    )


def fits_spelling(text: str, spelling: Spelling) -> bool:
    """Tell whether a text fits one spelling, which need not be among those that are looked for."""
    return parse(text, spelling) is not None


def parse(text: str, spelling: Spelling) -> cells.Value:
    """Return the value of a cell's text in a spelling; None where it does not fit."""
    match spelling.kind:
        case "boolean":
            return cells.BOOLEANS.get(text.lower())
        case "integer" | "number":
            plain = numbers.canonical(text, spelling.marks)
            if plain is None:
                return None
            if spelling.kind == "integer":
                return int(plain) if numbers.is_whole(plain) else None
            return float(plain) if cells.is_finite_number(plain) else None
        case "date" | "datetime":
            moment = dates.reader(spelling.date_format)(text)
            return moment.date() if moment and spelling.kind == "date" else moment
    return text
