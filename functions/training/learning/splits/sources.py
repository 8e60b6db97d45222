"""The columns that a split goes by: what keeps rows together, and what orders them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from functions.kit.contract.records.columns import Column, Role
from functions.kit.contract.wording import counted
from functions.training.learning.splits.hashing import (
    MISSING_HASH,
    Hashes,
    as_arrow,
    hash_column,
    mix,
)
from functions.training.learning.splits.units import missing_group
from functions.training.learning.table import Table
from functions.training.model.requests.spec import TrainingSpec
from functions.training.model.task import UnsuitableData


@dataclass(frozen=True)
class Sources:
    """What a split goes by besides the rows' keys.

    Attributes:
        groups: a hash of each row's group, [rows], 0 where it has none; None: rows by themselves.
        times: when each row was, [rows] float64, NaN where nobody knows; None: not by time.
        columns: those that were used for it.
        notes: what a person should know of it.
    """

    groups: Hashes | None = None
    times: NDArray[np.float64] | None = None
    columns: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def sources(table: Table, spec: TrainingSpec) -> Sources:
    """Return what `spec` wants rows to be split by; a column of role "group" always counts.

    Raises:
        UnsuitableData: there is no such column, or it does not say when.
    """
    if spec.split.by == "time":
        column = _column(table, spec, "time")
        notes = _undated(column.name, times := moments(column, table.arrow(column.name)))
        return Sources(_series(table, spec), times, [column.name], notes)
    named = spec.split.by == "group"
    if not named and _of_role(table, spec, "group") is None:
        return Sources()
    column = _column(table, spec, "group") if named else _given(table, spec, "group")
    note = f"Rows of one '{column.name}' stay on one side of every split."
    return Sources(groups(table.arrow(column.name)), None, [column.name], [note])


def _series(table: Table, spec: TrainingSpec) -> Hashes | None:
    """Return what rows belong to that are split by time: each group is a series of its own."""
    column = _of_role(table, spec, "group")
    return None if column is None else groups(table.arrow(column.name))


def groups(values: Sequence[Any] | pa.Array) -> Hashes:
    """Return the hash of each row's group, 0 where it has none."""
    found = hash_column(values)
    return np.where(found == MISSING_HASH, missing_group(), mix(found) | np.uint64(1))


def moments(column: Column, values: Sequence[Any] | pa.Array) -> NDArray[np.float64]:
    """Return when each row was, as numbers, NaN where nobody knows; raises UnsuitableData."""
    if column.kind not in {"datetime", "date", "number", "integer"}:
        raise UnsuitableData(
            f"'{column.name}' is of kind {column.kind}: a split by time needs dates or numbers."
        )
    found = as_arrow(values)
    if pa.types.is_temporal(found.type):
        found = found.cast(pa.timestamp("us", tz=getattr(found.type, "tz", None))).cast(pa.int64())
    numbers = found.cast(pa.float64(), safe=False)
    times: NDArray[np.float64] = numbers.to_numpy(zero_copy_only=False)
    return times


def _undated(name: str, times: NDArray[np.float64]) -> list[str]:
    without = int(np.isnan(times).sum())
    if not without:
        return []
    count = "counts" if without == 1 else "count"
    return [f"{counted(without, 'row')} without a value of '{name}' {count} as the earliest."]


def _column(table: Table, spec: TrainingSpec, role: Role) -> Column:
    name = spec.split.column
    if name is None:
        return _given(table, spec, role)
    for column in table.columns:
        if column.name == name and name != spec.target:
            return column
    raise UnsuitableData(
        f"There is no column '{name}' to split by; name another in 'split.column'."
    )


def _given(table: Table, spec: TrainingSpec, role: Role) -> Column:
    found = _of_role(table, spec, role)
    if found is None:
        raise UnsuitableData(
            f"No column has the role '{role}': name the one to split by in 'split.column'."
        )
    return found


def _of_role(table: Table, spec: TrainingSpec, role: Role) -> Column | None:
    named = (one for one in table.columns if spec.roles.get(one.name, one.role) == role)
    return next(named, None)
