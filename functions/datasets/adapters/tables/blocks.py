"""A stretch of a table's rows, in the order of their ids: what lists are made of."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from functions.datasets.adapters.tables import masks
from functions.datasets.adapters.tables.schema import ID
from functions.datasets.model.queries.order import Key, Mark
from functions.datasets.model.queries.query import ALL, Query
from functions.datasets.model.queries.where import Expression
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc
else:
    np, pa, pc = Lazy("numpy"), Lazy("pyarrow"), Lazy("pyarrow.compute")

# Rows that are looked at in one go where few may do: a page is often full after the first.
STRIDE = 16_384
WASTEFUL = 0.75  # the part of a block's rows that is to be shown, at least


@dataclass(frozen=True, eq=False)
class Block:
    """Rows by id, some of which may be hidden: they are gone, or a later block has them.

    Attributes:
        rows: with the columns ID and VERSION.
        hidden: for each row; None where none is.
    """

    rows: "pa.RecordBatch"
    hidden: "np.ndarray[Any, Any] | None" = None

    @functools.cached_property
    def ids(self) -> "np.ndarray[Any, Any]":
        """The rows' numbers, which grow."""
        found: np.ndarray[Any, Any] = self.rows.column(ID).to_numpy()
        return found

    @functools.cached_property
    def count(self) -> int:
        """How many rows are not hidden."""
        hidden = 0 if self.hidden is None else int(np.count_nonzero(self.hidden))
        return int(self.rows.num_rows) - hidden

    @property
    def is_wasteful(self) -> bool:
        """Tell whether a good part of its rows is hidden."""
        return self.count < WASTEFUL * int(self.rows.num_rows)

    @functools.cached_property
    def _longest(self) -> dict[str, int]:
        return {}

    def without(self, ids: "np.ndarray[Any, Any]") -> "Block":
        """Return the block with the rows of some ids hidden; `ids` grow."""
        if not self.rows.num_rows or not len(ids):
            return self
        at = np.searchsorted(self.ids, ids)
        at = at[at < len(self.ids)]
        at = at[np.isin(self.ids[at], ids)]
        if not len(at):
            return self
        hidden = np.zeros(len(self.ids), bool) if self.hidden is None else self.hidden.copy()
        hidden[at] = True
        return Block(self.rows, hidden)

    def meeting(
        self, where: Expression, start: int = 0, length: int | None = None
    ) -> "np.ndarray[Any, Any]":
        """Return the places of rows that are not hidden and meet a condition, from `start` on."""
        rows = self.rows.slice(start, length)
        if where == ALL and self.hidden is None:
            return np.arange(start, start + rows.num_rows)
        found = masks.meeting(where, rows)
        if self.hidden is not None:
            found &= ~self.hidden[start : start + rows.num_rows]
        return np.flatnonzero(found) + start

    def first(self, query: Query, mark: Mark | None, most: int) -> "pa.RecordBatch":
        """Return the first rows that are asked for and come behind a mark, in any order."""
        places = self._sorted(query, mark, most) if query.keys else self._by_id(query, mark, most)
        return self.rows.take(pa.array(places))

    def _by_id(self, query: Query, mark: Mark | None, most: int) -> "np.ndarray[Any, Any]":
        start = 0 if mark is None else int(np.searchsorted(self.ids, mark.row, "right"))
        found = [np.empty(0, np.int64)]
        while start < self.rows.num_rows and most > 0:
            part = self.meeting(query.where, start, STRIDE)[:most]
            found.append(part)
            most -= len(part)
            start += STRIDE
        return np.concatenate(found)

    def _sorted(self, query: Query, mark: Mark | None, most: int) -> "np.ndarray[Any, Any]":
        places = self.meeting(query.where)
        rows = self.rows
        if len(places) < rows.num_rows:
            names = {key.column.name for key in query.keys} | {ID}
            rows = rows.select(sorted(names)).take(pa.array(places))
        by = self.by(query.keys, rows)
        if mark is not None:
            later = np.flatnonzero(masks.behind(mark, query.keys, by, rows))
            places, by = places[later], [values.take(pa.array(later)) for values in by]
        chosen = first_of(query.keys, by, self.ids[places], most)
        found: np.ndarray[Any, Any] = places[chosen]
        return found

    def by(self, keys: tuple[Key, ...], rows: "pa.RecordBatch") -> list["pa.Array"]:
        """Return what some of the rows are sorted by, for each key."""
        return [masks.sorted_by(key, rows, self.longest(key)) for key in keys]

    def longest(self, key: Key) -> int:
        """Return the length of the longest text of a key's column, which is kept; 0 of others."""
        name = key.column.name
        if name not in self._longest:
            values = self.rows.column(name)
            text = pa.types.is_string(values.type)
            self._longest[name] = (pc.max(pc.utf8_length(values)).as_py() or 0) if text else 0
        return self._longest[name]

    def shown(self) -> "pa.RecordBatch":
        """Return the rows that are not hidden."""
        return self.rows if self.hidden is None else self.rows.filter(pa.array(~self.hidden))


def first_of(
    keys: tuple[Key, ...], by: list["pa.Array"], ids: "np.ndarray[Any, Any]", most: int
) -> "np.ndarray[Any, Any]":
    """Return the places of the `most` rows that come first in an order, in that order."""
    table, order = _ordered(keys, by, ids)
    found: np.ndarray[Any, Any] = pc.select_k_unstable(
        table, k=min(most, table.num_rows), sort_keys=order
    ).to_numpy()
    return found


def order_of(
    keys: tuple[Key, ...], by: list["pa.Array"], ids: "np.ndarray[Any, Any]"
) -> "np.ndarray[Any, Any]":
    """Return the places of all rows in an order."""
    table, order = _ordered(keys, by, ids)
    found: np.ndarray[Any, Any] = pc.sort_indices(table, sort_keys=order).to_numpy()
    return found


def _ordered(
    keys: tuple[Key, ...], by: list["pa.Array"], ids: "np.ndarray[Any, Any]"
) -> tuple["pa.Table", list[tuple[str, str]]]:
    """Return a table of what rows are sorted by, and how; missing values come last."""
    names = [str(place) for place in range(len(keys))]
    ways = ["descending" if key.descending else "ascending" for key in keys]
    table = pa.table([*by, pa.array(ids)], names=[*names, ID])
    return table, [*zip(names, ways, strict=True), (ID, "ascending")]


def batches_of(rows: "pa.Table", most: int) -> Iterator["pa.RecordBatch"]:
    """Yield a table's rows as batches, each whole in memory."""
    yield from rows.combine_chunks().to_batches(max_chunksize=most)
