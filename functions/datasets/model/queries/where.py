"""`where={"and": [...]}`: conditions on records as JSON, typed by the columns.

A condition is `{"column": …, "op": …, "value": …}`; `{"and": […]}` and `{"or": […]}` hold others.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from functions.datasets.model import cells
from functions.datasets.model.cells import Value
from functions.datasets.model.queries.filters import EQUALITY, OPERATORS, Condition
from functions.kit.contract.errors import DomainError, Flaw, Unreadable
from functions.kit.contract.records.columns import INT64, Column, Kind

MOST_CONDITIONS = 100
MOST_VALUES = 1_000
DEEPEST = 10
TEXTS: tuple[Kind, ...] = ("text", "category")
OPS = (*OPERATORS, "contains", "starts", "in", "missing", "present")
_SHAPE = '{"column": …, "op": …, "value": …}, {"and": […]} or {"or": […]}'


class Expression(Protocol):
    """A condition on one record, or several put together."""

    def holds(self, values: Mapping[str, Value]) -> bool:
        """Tell whether a record's values meet it."""


@dataclass(frozen=True)
class Compared:
    """A value beside another: the conditions that `filter=` can say, too."""

    condition: Condition

    def holds(self, values: Mapping[str, Value]) -> bool:
        """See Expression."""
        return self.condition.holds(values[self.condition.column.name])


@dataclass(frozen=True)
class Worded:
    """Text that contains other text, or `starts` with it; letters count as they are written."""

    column: Column
    text: str
    starts: bool

    def holds(self, values: Mapping[str, Value]) -> bool:
        """See Expression."""
        value = values[self.column.name]
        if not isinstance(value, str):
            return False
        return value.startswith(self.text) if self.starts else self.text in value


@dataclass(frozen=True)
class Among:
    """One of several values; None among them is a missing one."""

    column: Column
    values: tuple[Value, ...]

    def holds(self, values: Mapping[str, Value]) -> bool:
        """See Expression."""
        return values[self.column.name] in self.values


@dataclass(frozen=True)
class Every:
    """All parts hold; without any, always."""

    parts: tuple[Expression, ...]

    def holds(self, values: Mapping[str, Value]) -> bool:
        """See Expression."""
        return all(part.holds(values) for part in self.parts)


@dataclass(frozen=True)
class Either:
    """One part holds at least; without any, never."""

    parts: tuple[Expression, ...]

    def holds(self, values: Mapping[str, Value]) -> bool:
        """See Expression."""
        return any(part.holds(values) for part in self.parts)


def read(text: str, columns: Sequence[Column]) -> Expression:
    """Read a `where` parameter.

    Raises:
        Unreadable: that names the place (`where.and[1].value`), the reason and the remedy.
    """
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise bad("where", f"it is not JSON ({error})") from error
    return _Reader(columns).expression(found, "where", 1)


def all_of(expression: Expression) -> Iterator[Condition]:
    """Yield conditions that all hold where an expression does."""
    match expression:
        case Compared(condition):
            yield condition
        case Every(parts):
            for part in parts:
                yield from all_of(part)


def says_nothing(expression: Expression) -> bool:
    """Tell whether an expression holds for every record, whatever is in it."""
    match expression:
        case Every(parts):
            return all(says_nothing(part) for part in parts)
        case Either(parts):
            return any(says_nothing(part) for part in parts)
    return False


def others_than(values: Mapping[str, Value], columns: Sequence[Column]) -> Expression:
    """Return the condition on records of which one value at least is another than these."""
    by_name = {column.name: column for column in columns}
    parts: list[Expression] = []
    for name, value in values.items():
        parts.append(Compared(Condition(by_name[name], "!=", value)))
        if value is not None:  # `!=` leaves out what is missing
            parts.append(Compared(Condition(by_name[name], "==", None)))
    return Either(tuple(parts))


def bad(place: str, reason: str, column: str | None = None, value: Any = None) -> DomainError:
    """Say why a part of a query cannot be used."""
    shown = None if value is None else msgspec.json.encode(value).decode()[:200]
    flaw = Flaw(f"{place}: {reason}", column=column, value=shown)
    return Unreadable(f"The query cannot be used: {place}: {reason}.", flaw)


class _Reader:
    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = {column.name: column for column in columns}
        self._count = 0

    def expression(self, found: Any, place: str, depth: int) -> Expression:
        if not isinstance(found, dict):
            raise bad(place, f"{_SHAPE} is wanted", value=found)
        if depth > DEEPEST:
            raise bad(place, f"conditions are nested {DEEPEST} deep at most")
        for word, kind in (("and", Every), ("or", Either)):
            if word in found:
                return kind(tuple(self._parts(found, word, place, depth)))
        return self._condition(found, place)

    def _parts(
        self, found: dict[str, Any], word: str, place: str, depth: int
    ) -> Iterator[Expression]:
        within = f"{place}.{word}"
        if len(found) > 1 or not isinstance(found[word], list):
            raise bad(within, "a list of conditions is wanted, and nothing beside it", value=found)
        for number, part in enumerate(found[word]):
            yield self.expression(part, f"{within}[{number}]", depth + 1)

    def _condition(self, found: dict[str, Any], place: str) -> Expression:
        self._count += 1
        if self._count > MOST_CONDITIONS:
            raise bad(place, f"{MOST_CONDITIONS} conditions are the most")
        if unknown := found.keys() - {"column", "op", "value"}:
            raise bad(place, f"'{min(unknown)}' is not known; {_SHAPE} is wanted")
        column = self._column(found.get("column"), place)
        sign = found.get("op")
        if sign not in OPS:
            raise bad(f"{place}.op", "one of these is wanted: " + " ".join(OPS), column.name, sign)
        if sign in {"missing", "present"}:
            if found.get("value") is not None:
                raise bad(f"{place}.value", f"'{sign}' takes no value", column.name)
            return Compared(Condition(column, "==" if sign == "missing" else "!=", None))
        if "value" not in found:
            raise bad(place, f"'{sign}' needs a value", column.name)
        return _compared(column, sign, found["value"], f"{place}.value")

    def _column(self, name: Any, place: str) -> Column:
        if name not in self._columns if isinstance(name, str) else True:
            raise bad(f"{place}.column", f"there is no column '{name}'", str(name))
        return self._columns[name]


def _compared(column: Column, sign: str, value: Any, place: str) -> Expression:
    if sign in {"contains", "starts"}:
        if column.kind not in TEXTS or not isinstance(value, str):
            reason = f"'{sign}' is for text in a column of text or category"
            raise bad(place, f"{reason}; '{column.name}' is {column.kind}", column.name, value)
        return Worded(column, value, starts=sign == "starts")
    if sign == "in":
        if not isinstance(value, list) or len(value) > MOST_VALUES:
            raise bad(place, f"a list of at most {MOST_VALUES:,} values is wanted", column.name)
        return Among(column, tuple(typed(column, one, place) for one in value))
    found = typed(column, value, place)
    if sign not in EQUALITY and (found is None or column.kind == "boolean"):
        reason = "needs a value" if found is None else "is for ordered values; use == or !="
        raise bad(place, f"{sign} {reason}", column.name, value)
    return Compared(Condition(column, sign, found))


def typed(column: Column, value: Any, place: str) -> Value:
    """Return a value of JSON as one of a column, None for null; raises Unreadable."""
    found = None if value is None else _typed(column, value)
    if found is None and value is not None:
        reason = f"the value does not fit column '{column.name}', which is {column.kind}"
        raise bad(place, reason, column.name, value)
    return found


def _typed(column: Column, value: Any) -> Value:
    """Return the value as it is kept, or None where it is of another kind."""
    kind = column.kind
    if kind == "number" and isinstance(value, int | float) and not isinstance(value, bool):
        return _float(value)
    if kind in cells.TIMES and isinstance(value, str):
        return _moment(column, value)
    wanted = cells.NATIVE[kind]
    fits = type(value) is wanted and (wanted is not int or -INT64 <= value < INT64)
    found: Value = value if fits else None
    return found


def _float(value: float) -> float | None:
    try:
        return float(value)
    except OverflowError:  # a whole number of hundreds of digits
        return None


def _moment(column: Column, text: str) -> Value:
    try:
        return cells.parse(text, column.kind, column.date_format)
    except cells.NotOfKind:
        return None
