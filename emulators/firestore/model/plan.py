"""How to find the results of a query without looking at every document.

An index of a collection is a sorted list of entries; an entry joins the codes of some columns:
fields compared with `==`, an element of an array, then the columns of the order, the name last.
One alternative of the filter is then one run of neighbouring entries, already in order.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulators.firestore.model import encoding
from emulators.firestore.model import fields as field_paths
from emulators.firestore.model.fields import NAME, FieldPath
from emulators.firestore.model.paths import successor
from emulators.firestore.model.query import Order, Query

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emulators.firestore.model.filters import Comparison, Interval


@dataclass(frozen=True, slots=True)
class Index:
    """The columns of an index of one collection."""

    equal: tuple[FieldPath, ...]
    element_of: FieldPath | None
    orders: tuple[Order, ...]

    def entries(self, fields: Any, key: bytes) -> list[bytes]:
        """Return the entries of a document; none if it lacks a column."""
        columns = [field_paths.get(fields, path) for path in self.equal]
        tail = [order.code(fields, key) for order in self.orders]
        if None in tail or any(column is None for column in columns):
            return []
        head = b"".join(map(encoding.encode, columns))
        rest = b"".join(code for code in tail if code is not None)
        if self.element_of is None:
            return [head + rest]
        array = field_paths.get(fields, self.element_of)
        elements = () if array is None else array.array_value.values
        return [head + code + rest for code in {encoding.encode(one) for one in elements}]

    def describe(self) -> str:
        """Return a text that names these columns and no others."""
        orders = [[order.path, order.descending] for order in self.orders]
        return json.dumps([self.equal, self.element_of, orders])


def parse_index(text: str) -> Index:
    """Read what `Index.describe` wrote."""
    equal, element_of, orders = json.loads(text)
    return Index(
        tuple(map(tuple, equal)),
        None if element_of is None else tuple(element_of),
        tuple(Order(tuple(path), descending) for path, descending in orders),
    )


@dataclass(frozen=True, slots=True)
class Search:
    """One alternative of a query as a run of an index.

    Attributes:
        index: Where to look; with no columns but the name, the documents themselves.
        prefix: The codes of the columns before the order.
        intervals: Of the sort key, in ascending order and apart from each other.
        exact: Whether every entry found is a result; else the filter must be tested.
    """

    index: Index
    prefix: bytes
    intervals: tuple[Interval, ...]
    exact: bool

    @property
    def by_documents(self) -> bool:
        """Whether the order of the names alone is wanted, so that no index is needed."""
        return (
            not self.index.equal and self.index.element_of is None and len(self.index.orders) == 1
        )


def searches(query: Query) -> Iterator[Search]:
    """Yield one search for each alternative of the filter."""
    for choice in query.where.disjuncts():
        yield _search(query, choice)


def _search(query: Query, choice: tuple[Comparison, ...]) -> Search:
    equal: dict[FieldPath, bytes] = {}
    element: Comparison | None = None
    intervals: tuple[Interval, ...] = ((query.start, query.end),)
    exact = True
    first = query.orders[0]
    for one in choice:
        if one.path == first.path and not one.on_elements:
            intervals = _intersect(intervals, _directed(one.intervals, first))
        elif one.path == NAME or (not one.on_elements and not one.is_point):
            exact = False
        elif one.on_elements and element is None:
            element = one
        elif one.on_elements or one.path in equal:
            exact = False
        else:
            equal[one.path] = one.intervals[0][0]
    columns = tuple(sorted(equal))
    prefix = b"".join(equal[path] for path in columns)
    if element is not None:
        prefix += element.intervals[0][0]
    index = Index(columns, element.path if element else None, query.orders)
    return Search(index, prefix, intervals, exact)


def _directed(intervals: tuple[Interval, ...], order: Order) -> tuple[Interval, ...]:
    """Turn intervals of a field's codes into intervals of the first column of the sort key."""
    if not order.descending:
        return intervals
    return tuple(reversed([invert(one) for one in intervals]))


def invert(interval: Interval) -> Interval:
    """Return the interval of the descending codes of what lies in an interval."""
    low, high = interval
    least = b"" if high is None else successor(encoding.descending(high)) or b""
    return least, successor(encoding.descending(low)) if low else None


def _intersect(left: tuple[Interval, ...], right: tuple[Interval, ...]) -> tuple[Interval, ...]:
    pairs = [(_overlap(one, other)) for one in left for other in right]
    return tuple(pair for pair in pairs if pair[1] is None or pair[0] < pair[1])


def _overlap(one: Interval, other: Interval) -> Interval:
    ends = [end for end in (one[1], other[1]) if end is not None]
    return max(one[0], other[0]), min(ends) if ends else None
