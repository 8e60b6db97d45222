"""`filter=age>=30`: conditions on the records of a list."""

import operator
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from functions.datasets.model import cells
from functions.datasets.model.cells import Value
from functions.kit.contract.errors import DomainError, Flaw, Unreadable
from functions.kit.contract.records.columns import Column

# The longer ones first: `<=` begins with `<`.
OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
EQUALITY = ("==", "!=")


@dataclass(frozen=True)
class Condition:
    """One condition; a `value` of None asks for missing (`==`) or present (`!=`) ones."""

    column: Column
    sign: str
    value: Value

    def holds(self, value: Value) -> bool:
        """Tell whether a record's value meets it; a missing one meets only `column==`."""
        if value is None:
            return self.value is None and self.sign == "=="
        if self.value is None:
            return self.sign == "!="
        return OPERATORS[self.sign](value, self.value)


def parse(texts: Iterable[str], columns: Sequence[Column]) -> list[Condition]:
    """Read the `filter` parameters of a request.

    Raises:
        Unreadable: that names the unknown column, or the value that is not of its kind.
    """
    return [_condition(text, columns) for text in texts]


def by_store(asked: Iterable[Condition], recast: Collection[str]) -> list[Condition]:
    """Return those conditions that Firestore can decide.

    It answers any number of equalities, in the order of ids, from the indexes that every field
    has. Ranges would need an index made by hand for each pair of columns, and columns of `recast`
    have stored values of several kinds.
    """
    return [one for one in asked if one.sign == "==" and one.column.name not in recast]


def _condition(text: str, columns: Sequence[Column]) -> Condition:
    column, rest = _column(text, columns)
    sign = next(sign for sign in OPERATORS if rest.startswith(sign))
    word = rest.removeprefix(sign).strip()
    if sign not in EQUALITY and (not word or column.kind == "boolean"):
        why = "needs a value" if not word else "is for ordered values; use == or !="
        raise _bad(text, column.name, f"{sign} {why}")
    try:
        return Condition(column, sign, cells.parse(word, column.kind, column.date_format))
    except cells.NotOfKind as error:
        raise _bad(
            text, column.name, f"'{word}' does not fit a column of {column.kind}: {error}"
        ) from error


def _column(text: str, columns: Sequence[Column]) -> tuple[Column, str]:
    """Return the column that `text` begins with, and the rest, which begins with an operator.

    A column's name may hold operators itself: of those that fit, the longest is meant.
    """
    for column in sorted(columns, key=lambda column: -len(column.name)):
        rest = text.strip().removeprefix(column.name).lstrip()
        if text.strip().startswith(column.name) and rest.startswith(tuple(OPERATORS)):
            return column, rest
    name = _before_operator(text)
    if name is None:
        reason = "write it as column, operator, value; operators are " + " ".join(OPERATORS)
        raise _bad(text, None, reason)
    raise _bad(text, name, f"there is no column '{name}'")


def _before_operator(text: str) -> str | None:
    places = [place for sign in OPERATORS if (place := text.find(sign)) >= 0]
    return text[: min(places)].strip() if places else None


def _bad(text: str, column: str | None, reason: str) -> DomainError:
    return Unreadable(
        f"Filter '{text}' cannot be used: {reason}.", Flaw(reason, column=column, value=text)
    )
