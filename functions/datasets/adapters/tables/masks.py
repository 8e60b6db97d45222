"""Which rows of a batch meet a condition, as an array of booleans."""

from typing import TYPE_CHECKING, Any

from functions.datasets.adapters.tables.schema import ID
from functions.datasets.model.cells import Value
from functions.datasets.model.queries.filters import Condition
from functions.datasets.model.queries.order import SORTED_BY, Key, Mark
from functions.datasets.model.queries.where import (
    Among,
    Compared,
    Either,
    Every,
    Expression,
    Worded,
)
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc
else:
    np, pa, pc = Lazy("numpy"), Lazy("pyarrow"), Lazy("pyarrow.compute")

_FUNCTIONS = {
    "==": "equal",
    "!=": "not_equal",
    "<": "less",
    "<=": "less_equal",
    ">": "greater",
    ">=": "greater_equal",
}


def meeting(expression: Expression, batch: "pa.RecordBatch") -> "np.ndarray[Any, Any]":
    """Return for each row whether the condition holds, as `Expression.holds` decides it."""
    match expression:
        case Every(parts):
            found = np.ones(batch.num_rows, bool)
            for part in parts:
                found &= meeting(part, batch)
            return found
        case Either(parts):
            found = np.zeros(batch.num_rows, bool)
            for part in parts:
                found |= meeting(part, batch)
            return found
        case Compared(condition):
            return _compared(condition, batch)
        case Worded(column, text, starts):
            find = pc.starts_with if starts else pc.match_substring
            return _plain(find(batch.column(column.name), text))
        case Among(column, values):
            return _among(batch.column(column.name), values)
    raise TypeError(f"no condition of ours: {expression}")


def _compared(condition: Condition, batch: "pa.RecordBatch") -> "np.ndarray[Any, Any]":
    values = batch.column(condition.column.name)
    if condition.value is None:
        return _plain(values.is_null() if condition.sign == "==" else values.is_valid())
    return _against(values, condition.sign, condition.value)


def _against(values: "pa.Array", sign: str, value: Value) -> "np.ndarray[Any, Any]":
    compare = getattr(pc, _FUNCTIONS[sign])
    return _plain(compare(values, pa.scalar(value, values.type)))


def _among(values: "pa.Array", wanted: tuple[Value, ...]) -> "np.ndarray[Any, Any]":
    present = pa.array([one for one in wanted if one is not None], values.type)
    found = _plain(pc.is_in(values, present))
    return found | _plain(values.is_null()) if None in wanted else found


def _plain(mask: "pa.Array") -> "np.ndarray[Any, Any]":
    """Return a mask of Arrow's as numpy's own, in which a missing answer is no."""
    filled = mask.fill_null(False) if mask.null_count else mask  # noqa: FBT003 - pyarrow's own form
    found: np.ndarray[Any, Any] = filled.to_numpy(zero_copy_only=False)
    return found


def sorted_by(key: Key, batch: "pa.RecordBatch", longest: int) -> "pa.Array":
    """Return what the rows are sorted by; `longest` is the length of the column's longest text."""
    values = batch.column(key.column.name)
    return pc.utf8_slice_codeunits(values, 0, SORTED_BY) if longest > SORTED_BY else values


def behind(
    mark: Mark, order: tuple[Key, ...], by: list["pa.Array"], batch: "pa.RecordBatch"
) -> "np.ndarray[Any, Any]":
    """Return for each row whether it comes after a mark: by the keys in turn, then by its id.

    Args:
        mark: the place.
        order: the keys.
        by: what the rows are sorted by (`sorted_by`), for each key.
        batch: the rows.
    """
    found = np.zeros(batch.num_rows, bool)
    level = np.ones(batch.num_rows, bool)
    for key, values, value in zip(order, by, mark.values, strict=True):
        missing = _plain(values.is_null())
        if value is None:  # nothing comes after a missing one but other missing ones
            level &= missing
            continue
        found |= level & (missing | _against(values, "<" if key.descending else ">", value))
        level &= _against(values, "==", value)
    found |= level & (batch.column(ID).to_numpy() > mark.row)
    return found
