"""Which rows of a table of activity are meant, worked out a column at a time."""

from functools import reduce
from typing import TYPE_CHECKING, Any

from functions.accounts.model.activity import Filters, Key
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow import compute
else:
    pa = Lazy("pyarrow")
    compute = Lazy("pyarrow.compute")


def mask(table: "pa.Table", filters: Filters, before: Key | None) -> Any:
    """Return an array of booleans, or None where every row is meant.

    Args:
        table: rows with a column for each field of `Kept`.
        filters: what must hold.
        before: only rows that are older.
    """
    found = [compute.equal(table[name], value) for name, value in filters.exact]
    if filters.key is not None:
        by_id, by_end = (compute.equal(table[name], filters.key) for name in ("key", "last_four"))
        found.append(compute.or_(by_id, by_end))
    if filters.statuses is not None:
        found.append(_between(table["status"], *filters.statuses))
    times = table["at"].cast(pa.int64())
    if filters.since is not None:
        found.append(compute.greater_equal(times, filters.since))
    if filters.until is not None:
        found.append(compute.less(times, filters.until))
    if before is not None:
        found.append(_older(table, times, before))
    return reduce(compute.and_, found) if found else None


def _between(column: Any, first: int, last: int) -> Any:
    return compute.and_(compute.greater_equal(column, first), compute.less_equal(column, last))


def _older(table: "pa.Table", times: Any, before: Key) -> Any:
    """Compare as tuples are: by the first field that differs."""
    batch, index = table["batch"], table["index"]
    earlier = compute.and_(compute.equal(batch, before.batch), compute.less(index, before.number))
    in_order = compute.or_(compute.less(batch, before.batch), earlier)
    same = compute.and_(compute.equal(times, before.at), in_order)
    return compute.or_(compute.less(times, before.at), same)
