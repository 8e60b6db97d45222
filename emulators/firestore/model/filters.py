"""Filters of a query as intervals of codes (contract 5.1, 5.7).

Every operator on a field says: the code of the value (or of one element of the array) lies in
one of some intervals [low, high). That one form serves to test a document and to search an index.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulators.firestore.model import encoding, paths
from emulators.firestore.model import fields as field_paths
from emulators.firestore.model.errors import InvalidArgumentError
from emulators.firestore.model.fields import NAME, FieldPath
from emulators.firestore.model.paths import successor
from emulators.firestore.model.protocol import StructuredQuery, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Interval = tuple[bytes, bytes | None]
"""Codes from the first (inclusive) to the second (exclusive; None: no end)."""

_MOST_VALUES = {"IN": 30, "ARRAY_CONTAINS_ANY": 30, "NOT_IN": 10}
_FIELD_OP = StructuredQuery.FieldFilter.Operator
_UNARY_OP = StructuredQuery.UnaryFilter.Operator
_NULL = encoding.encode(Value(null_value=0))
_NAN = encoding.encode(Value(double_value=float("nan")))
_NO_KEY = "__key__ filter value must be a Key"
_ON_ELEMENTS = frozenset(("ARRAY_CONTAINS", "ARRAY_CONTAINS_ANY"))
_RANGES = {"LESS_THAN", "LESS_THAN_OR_EQUAL", "GREATER_THAN", "GREATER_THAN_OR_EQUAL"}
_INEQUALITIES = _RANGES | {"NOT_EQUAL", "NOT_IN", "IS_NOT_NAN", "IS_NOT_NULL"}


@dataclass(frozen=True, slots=True)
class Comparison:
    """One operator on one field."""

    path: FieldPath
    operator: str
    intervals: tuple[Interval, ...]

    @property
    def on_elements(self) -> bool:
        """Whether it is about the elements of an array, not the value itself."""
        return self.operator in _ON_ELEMENTS

    @property
    def is_inequality(self) -> bool:
        """Whether the field belongs to the implicit order."""
        return self.operator in _INEQUALITIES

    @property
    def is_point(self) -> bool:
        """Whether exactly one value passes."""
        return len(self.intervals) == 1 and not self.is_inequality

    def matches(self, fields: Any, key: bytes) -> bool:
        """Tell whether a document with these fields and this key passes."""
        if self.path == NAME:
            return self._holds(name_code(key))
        value = field_paths.get(fields, self.path)
        if value is None:
            return False
        if not self.on_elements:
            return self._holds(encoding.encode(value))
        return any(self._holds(encoding.encode(item)) for item in value.array_value.values)

    def _holds(self, code: bytes) -> bool:
        return any(low <= code and (high is None or code < high) for low, high in self.intervals)

    def disjuncts(self) -> list[tuple[Comparison, ...]]:
        """Return this as alternatives: one for each value of an `in`; none if none can pass."""
        if self.operator != "IN" and not self.on_elements:
            return [(self,)]
        return [(Comparison(self.path, self.operator, (one,)),) for one in self.intervals]

    def alternatives(self) -> list[tuple[Comparison, ...]]:
        """Return this as the only alternative, however many values an `in` has."""
        return [(self,)]

    def size(self) -> tuple[int, int]:
        """Return how many disjunctions this is in normal form, and how many comparisons in all."""
        several = self.operator == "IN" or self.on_elements
        number = max(1, len(self.intervals)) if several else 1
        return number, number

    @property
    def has_or(self) -> bool:
        """Whether it is a choice between filters."""
        return False

    def comparisons(self) -> Iterator[Comparison]:
        """Yield every comparison in it."""
        yield self


@dataclass(frozen=True, slots=True)
class Composite:
    """AND (`every`) or OR of filters; with no filters, AND passes all."""

    every: bool
    filters: tuple[Filter, ...]

    def matches(self, fields: Any, key: bytes) -> bool:
        """Tell whether a document with these fields and this key passes."""
        test = all if self.every else any
        return test(one.matches(fields, key) for one in self.filters)

    def disjuncts(self) -> list[tuple[Comparison, ...]]:
        """Return the disjunctive normal form."""
        return self._joined([one.disjuncts() for one in self.filters])

    def alternatives(self) -> list[tuple[Comparison, ...]]:
        """Return the disjunctive normal form of what is written, whatever the values."""
        return self._joined([one.alternatives() for one in self.filters])

    def _joined(self, parts: list[list[tuple[Comparison, ...]]]) -> list[tuple[Comparison, ...]]:
        if not self.every:
            return list(itertools.chain.from_iterable(parts))
        return [sum(choice, ()) for choice in itertools.product(*parts)]

    def size(self) -> tuple[int, int]:
        """Return how many disjunctions this is in normal form, and how many comparisons in all."""
        sizes = [one.size() for one in self.filters]
        if not self.every:
            return sum(number for number, _ in sizes), sum(total for _, total in sizes)
        disjunctions = math.prod(number for number, _ in sizes)
        return disjunctions, sum(total * (disjunctions // number) for number, total in sizes)

    @property
    def has_or(self) -> bool:
        """Whether it is or has a choice between filters."""
        choice = not self.every and len(self.filters) > 1
        return choice or any(one.has_or for one in self.filters)

    def comparisons(self) -> Iterator[Comparison]:
        """Yield every comparison in it."""
        for one in self.filters:
            yield from one.comparisons()


Filter = Comparison | Composite


def name_code(key: bytes) -> bytes:
    """Return the code of a document's own name from its key."""
    return key + b"\x00"


def compile_filter(message: Any) -> Filter:
    """Turn a `StructuredQuery.Filter` into a filter; `filter_rules` tells what stands together."""
    kind = message.WhichOneof("filter_type")
    if kind == "composite_filter":
        return _composite(message.composite_filter)
    if kind == "field_filter":
        return _field(message.field_filter)
    if kind == "unary_filter":
        return _unary(message.unary_filter)
    raise InvalidArgumentError("A filter has no type.")


def _composite(message: Any) -> Composite:
    operators = StructuredQuery.CompositeFilter.Operator
    if message.op not in {operators.AND, operators.OR}:
        raise InvalidArgumentError("Unsupported CompositeFilter operator.")
    if not message.filters and message.op == operators.OR:
        raise InvalidArgumentError("Composite filter must have at least one sub-filter.")
    return Composite(message.op == operators.AND, tuple(map(compile_filter, message.filters)))


def _unary(message: Any) -> Comparison:
    path = field_paths.parse(message.field.field_path)
    if message.op not in _UNARY_OP.values() or message.op == 0:
        raise InvalidArgumentError("Unknown UnaryFilter operator.")
    if path == NAME:
        raise InvalidArgumentError(_NO_KEY)
    operator = _UNARY_OP.Name(message.op)
    return Comparison(path, operator, _UNARY_INTERVALS[operator])


def _field(message: Any) -> Comparison:
    path = field_paths.parse(message.field.field_path)
    if message.op not in _FIELD_OP.values() or message.op == 0:
        raise InvalidArgumentError("Unknown FieldFilter operator.")
    operator = _FIELD_OP.Name(message.op)
    if path == NAME and operator in _ON_ELEMENTS:
        raise InvalidArgumentError("the name __key__ is reserved")
    code = reference_code if path == NAME else _operand_code
    if operator == "ARRAY_CONTAINS":
        return Comparison(path, operator, _points([code(message.value)]))
    if operator in _MOST_VALUES:
        return _list_comparison(path, operator, message.value, code)
    return Comparison(path, operator, _intervals(operator, code(message.value), path))


def _operand_code(value: Any) -> bytes:
    if value.WhichOneof("value_type") == "reference_value":
        paths.reference(value.reference_value)
    return encoding.encode(value)


def _list_comparison(
    path: FieldPath, operator: str, value: Any, code: Callable[[Any], bytes]
) -> Comparison:
    elements = value.array_value.values
    if value.WhichOneof("value_type") != "array_value":
        raise InvalidArgumentError(f"'{operator}' requires an ArrayValue.")
    if not elements:
        raise InvalidArgumentError(f"'{operator}' requires an non-empty ArrayValue.")
    if len(elements) > (most := _MOST_VALUES[operator]):
        raise InvalidArgumentError(f"'{operator}' supports up to {most} comparison values.")
    codes = sorted({code(element) for element in elements})
    if operator != "NOT_IN":
        return Comparison(path, operator, _points(codes))
    intervals = () if _NULL in codes else _except(codes, path)
    return Comparison(path, operator, intervals)


def reference_code(value: Any) -> bytes:
    """Return the code of a document name given as a reference Value."""
    if value.WhichOneof("value_type") != "reference_value":
        raise InvalidArgumentError(_NO_KEY)
    return name_code(paths.key(paths.reference(value.reference_value)))


def _intervals(operator: str, code: bytes, path: FieldPath) -> tuple[Interval, ...]:
    if operator == "EQUAL":
        return (_point(code),)
    if operator == "NOT_EQUAL":
        return _except([code], path)
    low, high = (b"", None) if path == NAME else _type_class(code)
    after = successor(code) or b""
    ranges: dict[str, Interval] = {
        "LESS_THAN": (low, code),
        "LESS_THAN_OR_EQUAL": (low, after),
        "GREATER_THAN": (after, high),
        "GREATER_THAN_OR_EQUAL": (code, high),
    }
    return (ranges[operator],)


def _type_class(code: bytes) -> Interval:
    """Return the codes of the same type class; NaN is in no range of numbers."""
    tag = code[:1]
    return (successor(_NAN) or b"") if tag == _NAN[:1] else tag, successor(tag)


def _point(code: bytes) -> Interval:
    return code, successor(code)


def _points(codes: list[bytes]) -> tuple[Interval, ...]:
    """Return what `in` and the array operators look for: never null, nor NaN (as in SQL)."""
    return tuple(_point(code) for code in codes if code not in {_NULL, _NAN})


def _except(codes: list[bytes], path: FieldPath = ()) -> tuple[Interval, ...]:
    """Return everything but null (names are never null) and the given codes, which are sorted."""
    least = b"" if path == NAME else successor(_NULL) or b""
    starts = [least, *(successor(code) or b"" for code in codes)]
    pairs = zip(starts, [*codes, None], strict=True)
    return tuple((low, high) for low, high in pairs if high is None or low < high)


_UNARY_INTERVALS: dict[str, tuple[Interval, ...]] = {
    "IS_NULL": (_point(_NULL),),
    "IS_NAN": (_point(_NAN),),
    "IS_NOT_NULL": _except([]),
    "IS_NOT_NAN": _except([_NAN]),
}
