"""What each alternative of a query asks of an index.

The rules are those of Google's page on index types; where it says nothing, those that recordings
of the real service showed (README, "Index mode").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulators.firestore.model import fields as field_paths
from emulators.firestore.model.fields import NAME, FieldPath
from emulators.firestore.model.filters import Comparison
from emulators.firestore.model.indexing.definitions import Column, Definition, Mode, define

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulators.firestore.model.filters import Filter
    from emulators.firestore.model.query import Order, Query

_EQUALITIES = {"EQUAL", "IN", "IS_NULL", "IS_NAN"}


@dataclass(frozen=True, slots=True)
class Pin:
    """A field that an alternative fixes: by its value, or by an element of its array."""

    path: FieldPath
    contains: bool


@dataclass(frozen=True, slots=True)
class Need:
    """What one alternative of a query asks of an index, or of several that are merged.

    Attributes:
        collection: The id of the collections.
        group: Whether it is about a whole collection group.
        pins: The fields that are fixed; an index may have them in any order, first.
        suffix: The columns of the order after them, without the name.
        name_descending: How the names must run; None where it does not matter.
        reorders: Whether the query orders by a fixed field.
        vector: The vectors that are searched.
    """

    collection: str
    group: bool
    pins: frozenset[Pin]
    suffix: tuple[Column, ...]
    name_descending: bool | None
    reorders: bool
    vector: Column | None

    @property
    def is_by_name(self) -> bool:
        """Whether it asks for the order of the names alone."""
        return not self.pins and not self.suffix and self.vector is None


def shape(query: Query) -> Any:
    """Return what decides on a query's indexes: the same for queries that differ in values."""
    nearest = query.nearest
    vector = None if nearest is None else (nearest.field, len(nearest.target))
    scope = query.scope
    return scope.collection, scope.descendants, _shape(query.where), query.orders, vector


def _shape(where: Filter) -> Any:
    if isinstance(where, Comparison):
        return where.path, where.operator
    return where.every, tuple(map(_shape, where.filters))


def needs_of(query: Query) -> list[Need]:
    """Return what a query asks for, each once; nothing if it is about every collection."""
    if query.scope.collection is None:
        return []
    return list(dict.fromkeys(_need(query, choice) for choice in query.where.alternatives()))


def ranges_apart(query: Query) -> bool:
    """Tell whether a range or inequality is on another field than the first of the order."""
    ranges = {one.path for one in query.where.comparisons() if one.is_inequality}
    return bool(ranges - {query.orders[0].path})


def _need(query: Query, choice: Iterable[Comparison]) -> Need:
    fixed = [one for one in choice if one.on_elements or one.operator in _EQUALITIES]
    pins = frozenset(Pin(one.path, one.on_elements) for one in fixed if one.path != NAME)
    equal = {pin.path for pin in pins if not pin.contains}
    ordered = [order for order in query.orders if order.path != NAME]
    nearest = query.nearest
    return Need(
        collection=query.scope.collection or "",
        group=query.scope.descendants,
        pins=pins,
        suffix=tuple(_column(order) for order in ordered if order.path not in equal),
        name_descending=_names(query.orders, is_fixed=any(one.path == NAME for one in fixed)),
        reorders=any(order.path in equal for order in ordered),
        vector=None if nearest is None else Column(nearest.field, Mode.VECTOR, len(nearest.target)),
    )


def _column(order: Order) -> Column:
    return Column(order.path, Mode.DESCENDING if order.descending else Mode.ASCENDING)


def _names(orders: tuple[Order, ...], *, is_fixed: bool) -> bool | None:
    return None if is_fixed else next(one.descending for one in orders if one.path == NAME)


def index_for(need: Need) -> Definition:
    """Return the index that the real service recommends: array, fixed fields, order, vector."""
    name = Mode.DESCENDING if need.name_descending else Mode.ASCENDING
    equal_mode = name if len(need.pins) == 1 and not need.suffix else Mode.ASCENDING
    pins = sorted(need.pins, key=lambda pin: (not pin.contains, field_paths.format_path(pin.path)))
    columns = [Column(pin.path, Mode.CONTAINS if pin.contains else equal_mode) for pin in pins]
    columns += need.suffix
    if need.vector is not None:
        columns = [*columns, need.vector]
        return define(need.collection, columns, group=need.group)
    return define(
        need.collection,
        columns,
        group=need.group,
        name=None if need.name_descending is None else name,
    )
