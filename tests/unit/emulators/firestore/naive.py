"""Queries answered the slow and obvious way, with the official client's comparison."""

import math
from functools import cmp_to_key

from google.cloud.firestore_v1.order import Order, TypeOrder

from emulators.firestore.model.protocol import StructuredQuery, Value

FIELD = StructuredQuery.FieldFilter.Operator
UNARY = StructuredQuery.UnaryFilter.Operator
DESCENDING = StructuredQuery.Direction.DESCENDING


def answer(documents, query, parent=""):
    """Returns the names of the results, in order.

    Args:
        documents: Documents by full name.
        query: a StructuredQuery.
        parent: the name of the parent, ending in "/".
    """
    (selector,) = query.from_
    rows = [one for one in documents.values() if _in_scope(one.name, selector, parent)]
    if query.HasField("where"):
        rows = [one for one in rows if _passes(one, query.where)]
    orders = _orders(query)
    rows = [one for one in rows if all(_value(one, path) is not None for path, _ in orders)]
    rows.sort(key=cmp_to_key(lambda a, b: _compare(a, b, orders)))
    rows = [
        one for one in rows if _after_start(one, query, orders) and _before_end(one, query, orders)
    ]
    rows = rows[query.offset :]
    return [one.name for one in (rows[: query.limit.value] if query.HasField("limit") else rows)]


def _in_scope(name, selector, parent):
    if not name.startswith(parent):
        return False
    collections = name[len(parent) :].split("/")[::2]
    if selector.collection_id and collections[-1] != selector.collection_id:
        return False
    return selector.all_descendants or len(collections) == 1


def _value(document, path):
    if path == "__name__":
        return Value(reference_value=document.name)
    return document.fields.get(path)


def _passes(document, message):
    kind = message.WhichOneof("filter_type")
    if kind == "composite_filter":
        parts = [_passes(document, one) for one in message.composite_filter.filters]
        return all(parts) if message.composite_filter.op == 1 else any(parts)
    if kind == "unary_filter":
        return _passes_unary(
            _value(document, message.unary_filter.field.field_path), message.unary_filter.op
        )
    one = message.field_filter
    value = _value(document, one.field.field_path)
    return value is not None and _passes_field(value, one.op, one.value)


def _is_null(value):
    return value.WhichOneof("value_type") == "null_value"


def _is_nan(value):
    return math.isnan(value.double_value)


def _passes_unary(value, operator):
    if value is None:
        return False
    return {
        UNARY.IS_NULL: _is_null(value),
        UNARY.IS_NAN: _is_nan(value),
        UNARY.IS_NOT_NULL: not _is_null(value),
        UNARY.IS_NOT_NAN: not _is_null(value) and not _is_nan(value),
    }[operator]


def _passes_field(value, operator, operand):
    def equal(other):
        return Order.compare(value, other) == 0

    elements = list(value.array_value.values)
    given = list(operand.array_value.values)
    if operator == FIELD.EQUAL:
        return equal(operand)
    if operator == FIELD.NOT_EQUAL:
        return not equal(operand) and not _is_null(value)
    if operator == FIELD.IN:
        return _is_sought(value) and any(map(equal, given))
    if operator == FIELD.NOT_IN:
        return not _is_null(value) and not any(equal(one) or _is_null(one) for one in given)
    if operator == FIELD.ARRAY_CONTAINS:
        return any(Order.compare(one, operand) == 0 for one in filter(_is_sought, elements))
    if operator == FIELD.ARRAY_CONTAINS_ANY:
        sought = filter(_is_sought, elements)
        return any(Order.compare(one, other) == 0 for one in sought for other in given)
    return _passes_range(value, operator, operand)


def _is_sought(value):
    """Neither `in` nor the array operators ever find null or NaN."""
    return not _is_null(value) and not _is_nan(value)


def _passes_range(value, operator, operand):
    if TypeOrder.from_value(value) != TypeOrder.from_value(operand) or _is_nan(value):
        return False
    order = Order.compare(value, operand)
    return {
        FIELD.LESS_THAN: order < 0,
        FIELD.LESS_THAN_OR_EQUAL: order <= 0,
        FIELD.GREATER_THAN: order > 0,
        FIELD.GREATER_THAN_OR_EQUAL: order >= 0,
    }[operator]


def _inequalities(message):
    kind = message.WhichOneof("filter_type")
    if kind == "composite_filter":
        return set().union(*map(_inequalities, message.composite_filter.filters))
    if kind == "unary_filter":
        one, operators = message.unary_filter, {UNARY.IS_NOT_NAN, UNARY.IS_NOT_NULL}
    else:
        one = message.field_filter
        operators = {FIELD.NOT_EQUAL, FIELD.NOT_IN, 1, 2, 3, 4}
    return {one.field.field_path} if one.op in operators else set()


def _orders(query):
    orders = [(one.field.field_path, one.direction == DESCENDING) for one in query.order_by]
    descending = orders[-1][1] if orders else False
    extra = _inequalities(query.where) if query.HasField("where") else set()
    for path in [*sorted(extra - {"__name__"}), "__name__"]:
        if path not in {known for known, _ in orders}:
            orders.append((path, descending))
    return orders


def _compare(left, right, orders):
    for path, descending in orders:
        order = Order.compare(_value(left, path), _value(right, path))
        if order:
            return -order if descending else order
    return 0


def _against(document, cursor, orders):
    for value, (path, descending) in zip(cursor.values, orders, strict=False):
        order = Order.compare(_value(document, path), value)
        if order:
            return -order if descending else order
    return 0


def _after_start(document, query, orders):
    if not query.start_at.values:
        return True
    order = _against(document, query.start_at, orders)
    return order >= 0 if query.start_at.before else order > 0


def _before_end(document, query, orders):
    if not query.end_at.values:
        return True
    order = _against(document, query.end_at, orders)
    return order < 0 if query.end_at.before else order <= 0
