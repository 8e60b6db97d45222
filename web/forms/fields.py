"""Forms made from columns: text from a form becomes typed values, and values become text."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from web.client.errors import Flaw
from web.client.table_schemas import Column
from web.views.formatting import cell

PREFIX = "column."
LONGEST_WHOLE = 12  # digits
BOOLEANS = {"true": True, "false": False}
_COMMA = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+),\d+")  # 29,5 and 1.234,5
_APART = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+\.\d+|[+-]?\d{1,3}(?:,\d{3}){2,}")  # 1,234.5
_TWO_WAYS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")  # 1,000 may be a thousand, or one


def field_name(column: Column) -> str:
    """Return the name of the form field for `column`: apart from the form's own fields."""
    return PREFIX + column.name


def parse_values(
    columns: Iterable[Column], form: Mapping[str, str]
) -> tuple[dict[str, Any], list[Flaw]]:
    """Read the columns' fields of a form.

    An empty field is a missing value; a column whose field is not in the form is left out.

    Returns:
        the typed values, and what is wrong with the others.
    """
    values: dict[str, Any] = {}
    flaws: list[Flaw] = []
    for column in columns:
        text = form.get(field_name(column))
        if text is None:
            continue
        try:
            values[column.name] = parse_value(column, text)
        except ValueError as error:
            flaws.append(Flaw(str(error), column=column.name, value=text))
    return values, flaws


def parse_value(column: Column, text: str) -> Any:
    """Return `text` as a value of `column`; bounds and levels are for the function to check.

    Raises:
        ValueError: it does not read as one; the message says what it must be.
    """
    if not text.strip():
        if column.required:
            raise ValueError("must have a value")
        return None
    match column.kind:
        case "integer":
            return _cast(int, text, "must be a whole number")
        case "number":
            return parse_number(text)
        case "boolean":
            if text not in BOOLEANS:
                raise ValueError("must be true or false")
            return BOOLEANS[text]
        case _:
            return text.replace("\r\n", "\n")  # a form sends every line break as two characters


def parse_version(text: str) -> int | None:
    """Return `text` as a version or a revision, or None: such numbers are not long."""
    return int(text) if text.isdecimal() and len(text) <= LONGEST_WHOLE else None


def version_named(text: str, aliases: Mapping[str, int]) -> int | None:
    """Return the version that a reader means: an alias, 3, v3 or version 3; None where none is."""
    if text in aliases:
        return aliases[text]
    bare = text.strip().casefold().removeprefix("version").removeprefix("v").strip()
    return parse_version(bare) if bare.isascii() and bare.strip("0") else None


def parse_number(text: str) -> float:
    """Return `text` as a finite number, also one with a decimal comma: 29,5.

    Raises:
        ValueError: it is none, or one that can be read in two ways: 1,000.
    """
    plain = text.strip()
    if _TWO_WAYS.fullmatch(plain):
        whole, _, rest = plain.partition(",")
        raise ValueError(f"can be read in two ways: write {whole}{rest} or {whole}.{rest}")
    if _COMMA.fullmatch(plain):
        plain = plain.replace(".", "").replace(",", ".")
    elif _APART.fullmatch(plain):
        plain = plain.replace(",", "")
    return _cast(float, plain, "must be a number")


def read_otherwise(columns: Iterable[Column], form: Mapping[str, str]) -> list[str]:
    """Return what is to be said of numbers whose comma was read: "29,5 was read as 29.5"."""
    told = []
    for column in columns:
        text = form.get(field_name(column), "").strip()
        if column.kind == "number" and "," in text:
            told.append(f"{text} was read as {cell(parse_number(text))}.")
    return told


def _cast(kind: type[int] | type[float], text: str, complaint: str) -> float:
    if "_" in text:  # parts digits in Python alone: nobody who types 1_000 is sure to mean 1000
        raise ValueError(complaint)
    try:
        value = kind(text.strip())
    except ValueError:
        raise ValueError(complaint) from None
    if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124 - NaN
        raise ValueError(complaint)
    return value


def texts_of_values(columns: Iterable[Column], values: Mapping[str, Any]) -> dict[str, str]:
    """Return the text that each column's field shows for `values`."""
    return {column.name: cell(values.get(column.name)) for column in columns}


def texts_of_form(columns: Iterable[Column], form: Mapping[str, str]) -> dict[str, str]:
    """Return the text that each column's field showed when the form was sent."""
    return {column.name: form.get(field_name(column), "") for column in columns}
