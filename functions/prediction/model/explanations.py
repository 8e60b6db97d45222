"""Why a prediction is what it is: what each column adds to what the model says of usual rows."""

import datetime as dt
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET, UnsetType

from functions.kit.contract.errors import Conflict, Flaw, Invalid
from functions.kit.contract.models.registration import Version
from functions.kit.contract.models.signature import Signature
from functions.prediction.model.tables import Rows, Table

if TYPE_CHECKING:
    from functions.prediction.model.mixtures import Added

MOST_EXPLAINED = 20


class Contribution(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a column's value adds.

    Attributes:
        column: it.
        value: of the record; null where it has none.
        contribution: what it adds to the base: to a label's probability, or to a value.
        error: its standard error, where orders of columns were drawn; left out where it is exact.
    """

    column: str
    value: Any
    contribution: float
    error: float | None = None


class Explanation(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """Shapley values against the version's background rows: with the base, they sum to the answer.

    Attributes:
        label: whose probability is explained, the one that is predicted; left out where a value is.
        base: what the model says of the background rows, on average.
        columns: what each adds, the one that adds most first, by size.
        exact: whether all coalitions of columns were looked at.
    """

    label: str | UnsetType = UNSET
    base: float
    columns: list[Contribution]
    exact: bool


def check_count(count: int) -> None:
    """Refuse to explain too many rows at once; raises Invalid."""
    if count > MOST_EXPLAINED:
        reason = f"Expected 1 to {MOST_EXPLAINED} records where they are explained"
        detail = f"{count:,} records: one call explains up to {MOST_EXPLAINED}; send fewer."
        raise Invalid(detail, Flaw(reason))


def unexplainable(version: Version) -> Conflict:
    """Say that a version has no background rows, and what to do."""
    if version.function is not None:
        return Conflict(
            f"Version {version.version} of '{version.model}' cannot be explained: it is the "
            f"function '{version.function}', without background rows. Ask without explanations."
        )
    return Conflict(
        f"Version {version.version} of '{version.model}' cannot be explained: it was registered "
        "without background rows, as older ones were. Train the model again."
    )


def explanation(
    label: str | UnsetType, base: float, values: Sequence[tuple[str, Any]], added: "Added"
) -> Explanation:
    """Return what columns, each with its value, add to a base; what adds most comes first."""
    exact = added.errors is None
    errors = [None] * len(values) if added.errors is None else added.errors.tolist()
    found = [
        Contribution(column, value, contribution, error)
        for (column, value), contribution, error in zip(
            values, added.values.tolist(), errors, strict=True
        )
    ]
    found.sort(key=lambda one: -abs(one.contribution))
    return Explanation(label=label, base=base, columns=found, exact=exact)


def shower(signature: Signature, columns: Sequence[str]) -> Callable[[Rows, int], list[Any]]:
    """Return what gives the values of some columns of a row, by its place, as JSON takes them."""
    places = {one.name: place for place, one in enumerate(signature.columns)}
    kinds = {one.name: one.kind for one in signature.columns}
    fields = [f"c{places[name]}" for name in columns]

    def show(rows: Rows, place: int) -> list[Any]:
        if isinstance(rows, Table):
            return [_of_table(rows, name, kinds[name], place) for name in columns]
        return [getattr(rows[place], field) for field in fields]

    return show


def _of_table(table: Table, name: str, kind: str, place: int) -> Any:
    """Return a value as a record would hold it."""
    if name not in table.columns:
        return None
    value = table.columns[name][place]
    if isinstance(value, str):
        return value or None
    if kind in {"date", "datetime"}:
        return _moment(value.astype("datetime64[us]").item(), kind)
    number = float(value)
    if math.isnan(number):
        return None
    return {"boolean": bool, "integer": int}.get(kind, float)(number)


def _moment(value: dt.datetime | None, kind: str) -> dt.date | None:
    """Return a moment of UTC as a record holds it; None for numpy's NaT."""
    if value is None:
        return None
    return value.date() if kind == "date" else value.replace(tzinfo=dt.UTC)
