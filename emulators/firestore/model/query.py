"""A structured query, compiled: scope, filter, order, bounds, limits (contract section 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulators.firestore.model import encoding, filter_rules, paths
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
    from collections.abc import Collection, Iterable, Sequence

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
    if message.offset < 0:
        raise InvalidArgumentError("offset is negative")
    if message.HasField("limit") and message.limit.value < 0:
        raise InvalidArgumentError("limit is negative")
    scope = compile_scope(message.from_, parent)
    where = (
        compile_filter(message.where)
        if message.HasField("where")
        else Composite(every=True, filters=())
    )
    filter_rules.check(where)
    orders = effective_orders(message.order_by, where, aggregated)
    given = orders[: len(message.order_by)]
    if scope.collection is None:
        _check_kindless(where, given)
    filter_rules.check_size(where, len(given), below_document=bool(parent))
    nearest = compile_nearest(message) if message.HasField("find_nearest") else None
    return Query(
        scope=scope,
        where=where,
        orders=orders,
        start=_bound(message.start_at, given, at_start=True) or b"",
        end=_bound(message.end_at, given, at_start=False) if message.HasField("end_at") else None,
        offset=message.offset,
        limit=message.limit.value if message.HasField("limit") else None,
        projection=_projection(message),
        nearest=nearest,
    )


def _check_kindless(where: Filter, given: Sequence[Order]) -> None:
    """Refuse what cannot be asked about documents of every collection: all but their names."""
    for one in where.comparisons():
        if one.path != NAME:
            raise InvalidArgumentError(
                f"kind is required for filter: {field_paths.format_path(one.path)}"
            )
    if any(one.path != NAME or one.descending for one in given):
        raise InvalidArgumentError("kind is required for all orders except __key__ ascending")


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
    _check_orders(orders)
    inequalities = filter_rules.inequality_fields(where)
    _add(orders, [path for path in inequalities if path != NAME], descending=descending)
    _check_name_is_last(orders)
    if NAME in inequalities or any(order.path == NAME for order in orders):
        _check_aggregated(orders, aggregated)
    _add(orders, _sorted(aggregated), descending=descending)
    _add(orders, [NAME], descending=descending)
    return tuple(orders)


def _sorted(paths: Iterable[FieldPath]) -> list[FieldPath]:
    return sorted(paths, key=field_paths.format_path)


def _add(orders: list[Order], paths: Iterable[FieldPath], *, descending: bool) -> None:
    known = {order.path for order in orders}
    orders += [Order(path, descending) for path in paths if path not in known]


def _check_orders(given: list[Order]) -> None:
    seen = set()
    for order in given:
        if order.path in seen:
            raise InvalidArgumentError(
                "order by clause cannot contain duplicate fields "
                f"{field_paths.format_path(order.path)}"
            )
        seen.add(order.path)


def _check_name_is_last(orders: list[Order]) -> None:
    """Refuse an order after the name: names are unique, so that it would order nothing."""
    if any(order.path == NAME for order in orders[:-1]):
        raise InvalidArgumentError("order by clause cannot contain more fields after the key")


def _check_aggregated(orders: list[Order], aggregated: Iterable[FieldPath]) -> None:
    """Refuse aggregated fields that would have to order the results after their names."""
    known = {order.path for order in orders}
    if missing := [path for path in _sorted(aggregated) if path not in known]:
        raise InvalidArgumentError(
            "This query requires an index that has fields "
            f"[{', '.join(map(field_paths.format_path, missing))}] after __name__ and Firestore "
            "does not currently support such an index. Please try the query again with additional "
            "ordering on those fields."
        )


def _bound(cursor: Any, orders: Sequence[Order], *, at_start: bool) -> bytes | None:
    """Return the sort key at which results begin or end; None: no end."""
    if len(cursor.values) > len(orders):
        raise InvalidArgumentError("Cursor has too many values.")
    if not cursor.values:
        return b"" if at_start else None
    pairs = zip(orders, cursor.values, strict=False)
    prefix = b"".join(_cursor_code(order, value) for order, value in pairs)
    if cursor.before:
        return prefix
    after = successor(prefix)
    return b"\xff" * 64 if after is None and at_start else after


def _cursor_code(order: Order, value: Any) -> bytes:
    if order.path == NAME and value.WhichOneof("value_type") != "reference_value":
        raise InvalidArgumentError("Cursor __key__ value is not a document reference.")
    code = reference_code(value) if order.path == NAME else encoding.encode(value)
    return encoding.descending(code) if order.descending else code


def _projection(message: Any) -> tuple[FieldPath, ...] | None:
    if not message.HasField("select"):
        return None
    return tuple(field_paths.parse(one.field_path) for one in message.select.fields) or (NAME,)
