"""A structured query, compiled: scope, filter, order, bounds, limits (contract section 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulators.firestore.model import encoding, paths
from emulators.firestore.model import fields as field_paths
from emulators.firestore.model.errors import InvalidArgumentError
from emulators.firestore.model.fields import NAME, FieldPath
from emulators.firestore.model.filters import (
    Composite,
    Filter,
    compile_filter,
    name_code,
    reference_code,
)
from emulators.firestore.model.paths import successor
from emulators.firestore.model.protocol import StructuredQuery
from emulators.firestore.model.scope import Scope, compile_scope
from emulators.firestore.model.vector_search import Nearest, compile_nearest

if TYPE_CHECKING:
    from collections.abc import Collection

_DESCENDING = StructuredQuery.Direction.DESCENDING


@dataclass(frozen=True, slots=True)
class Order:
    """One column of the order of the results."""

    path: FieldPath
    descending: bool

    def code(self, fields: Any, key: bytes) -> bytes | None:
        """Return the column of one document; None if it lacks the field."""
        if self.path == NAME:
            code = name_code(key)
        else:
            value = field_paths.get(fields, self.path)
            if value is None:
                return None
            code = encoding.encode(value)
        return encoding.descending(code) if self.descending else code


@dataclass(frozen=True, slots=True)
class Query:
    """What to find and in which order.

    `start` and `end` bound the sort key (`sort_key`): inclusive and exclusive; None is no end.
    """

    scope: Scope
    where: Filter
    orders: tuple[Order, ...]
    start: bytes = b""
    end: bytes | None = None
    offset: int = 0
    limit: int | None = None
    projection: tuple[FieldPath, ...] | None = None
    nearest: Nearest | None = None

    def sort_key(self, fields: Any, key: bytes) -> bytes | None:
        """Return bytes that sort documents as the query does; None: it lacks an ordered field."""
        codes = []
        for order in self.orders:
            code = order.code(fields, key)
            if code is None:
                return None
            codes.append(code)
        return b"".join(codes)

    def place(self, fields: Any, key: bytes) -> bytes | None:
        """Return the sort key of a document in the scope if it passes filter and bounds."""
        if not self.where.matches(fields, key):
            return None
        sort_key = self.sort_key(fields, key)
        if sort_key is None or sort_key < self.start:
            return None
        return sort_key if self.end is None or sort_key < self.end else None

    @property
    def by_name_alone(self) -> bool:
        """Whether the order is that of the document names, up or down."""
        return len(self.orders) == 1


def compile_query(
    message: Any, parent: paths.Segments, aggregated: Collection[FieldPath] = ()
) -> Query:
    """Turn a `StructuredQuery` into a checked query.

    Args:
        message: The StructuredQuery.
        parent: The segments of the parent document; none for the root.
        aggregated: The fields that are aggregated over the results.

    Raises:
        InvalidArgumentError: The query breaks a rule of the protocol.
    """
    if message.offset < 0 or (message.HasField("limit") and message.limit.value < 0):
        raise InvalidArgumentError("offset and limit must not be negative.")
    where = (
        compile_filter(message.where)
        if message.HasField("where")
        else Composite(every=True, filters=())
    )
    orders = effective_orders(message.order_by, where, aggregated)
    return Query(
        scope=compile_scope(message.from_, parent),
        where=where,
        orders=orders,
        start=_bound(message.start_at, orders, at_start=True) or b"",
        end=_bound(message.end_at, orders, at_start=False) if message.HasField("end_at") else None,
        offset=message.offset,
        limit=message.limit.value if message.HasField("limit") else None,
        projection=_projection(message),
        nearest=(
            compile_nearest(message.find_nearest) if message.HasField("find_nearest") else None
        ),
    )


def effective_orders(
    given: Any, where: Filter, aggregated: Collection[FieldPath] = ()
) -> tuple[Order, ...]:
    """Complete the explicit orders: inequality fields, aggregated ones, the name (contract 5.2).

    An aggregation is read from an index that holds its fields. So they order the results, which
    decides what a limit leaves, and a document that lacks one of them does not count.
    """
    orders = [
        Order(field_paths.parse(one.field.field_path), one.direction == _DESCENDING)
        for one in given
    ]
    descending = orders[-1].descending if orders else False
    if len({order.path for order in orders}) < len(orders):
        raise InvalidArgumentError("A field is ordered by more than once.")
    inequalities = {one.path for one in where.comparisons() if one.is_inequality} - {NAME}
    for implied in (inequalities, aggregated, (NAME,)):
        missing = set(implied) - {order.path for order in orders}
        orders += [Order(path, descending) for path in sorted(missing, key=field_paths.format_path)]
    return tuple(orders)


def _bound(cursor: Any, orders: tuple[Order, ...], *, at_start: bool) -> bytes | None:
    """Return the sort key at which results begin or end; None: no end."""
    if len(cursor.values) > len(orders):
        raise InvalidArgumentError("order_by field count must be at least cursor value count.")
    if not cursor.values:
        return b"" if at_start else None
    pairs = zip(orders, cursor.values, strict=False)
    prefix = b"".join(_cursor_code(order, value) for order, value in pairs)
    if cursor.before:
        return prefix
    after = successor(prefix)
    return b"\xff" * 64 if after is None and at_start else after


def _cursor_code(order: Order, value: Any) -> bytes:
    code = reference_code(value) if order.path == NAME else encoding.encode(value)
    return encoding.descending(code) if order.descending else code


def _projection(message: Any) -> tuple[FieldPath, ...] | None:
    if not message.HasField("select"):
        return None
    return tuple(field_paths.parse(one.field_path) for one in message.select.fields) or (NAME,)
