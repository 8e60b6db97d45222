"""Which columns suit as a target, by what a table tells of them, and why."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from web.client.table_schemas import Column

Fit = Literal["well", "perhaps", "not"]
HEADINGS: dict[Fit, str] = {"well": "Suit well", "perhaps": "May do", "not": "Cannot be predicted"}
MOST_LABELS = 100
# Whole numbers over no wider a range are taken for labels, as a rule.
MOST_NUMBERED = 10


class Advice(NamedTuple):
    """How a column does as a target."""

    column: Column
    fit: Fit
    why: str


def grouped(columns: Sequence[Column]) -> list[tuple[str, list[Advice]]]:
    """Return the advice on all columns under its headings, those without a column left out."""
    given = [advice(column) for column in columns]
    found = ((words, [one for one in given if one.fit == fit]) for fit, words in HEADINGS.items())
    return [(words, some) for words, some in found if some]


def advice(column: Column) -> Advice:
    """Say whether a column suits, and what would be learnt."""
    return Advice(column, *_of(column))


def _of(column: Column) -> tuple[Fit, str]:
    if column.kind in {"datetime", "date"}:
        return "not", "a time"
    if column.role in {"identifier", "ignore", "group", "weight"}:
        return "perhaps", ROLES[column.role]
    match column.kind:
        case "boolean":
            return "well", "yes or no"
        case "number":
            return "well", "a value"
        case "integer":
            return "well", "labels" if _is_narrow(column) else "a value"
    return _of_words(column)


ROLES = {
    "identifier": "names its rows",
    "ignore": "left out so far",
    "group": "keeps rows together",
    "weight": "says how much rows count",
}


def _of_words(column: Column) -> tuple[Fit, str]:
    levels = column.levels or _seen(column).get("levels")
    if levels is None:
        return "perhaps", "labels, if they repeat" if column.kind == "category" else "free text"
    if len(levels) < 2:
        return "not", "always the same"
    if len(levels) > MOST_LABELS:
        return "perhaps", f"{len(levels):,} labels: many"
    return "well", f"{len(levels)} labels"


def _is_narrow(column: Column) -> bool:
    seen = _seen(column)
    low = column.minimum if column.minimum is not None else seen.get("minimum")
    high = column.maximum if column.maximum is not None else seen.get("maximum")
    return low is not None and high is not None and high - low < MOST_NUMBERED


def _seen(column: Column) -> Mapping[str, Any]:
    return column.suggested or {}
