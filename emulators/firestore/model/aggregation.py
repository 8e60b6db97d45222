"""count, sum and average over the results of a query (contract 5.8)."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulators.firestore.model import fields as field_paths
from emulators.firestore.model.errors import InvalidArgumentError
from emulators.firestore.model.protocol import Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emulators.firestore.model.fields import FieldPath

_MAX_AGGREGATIONS = 5
_MAX_ALIAS_BYTES = 1500
_RESERVED = re.compile(r"__.*__", re.DOTALL)
_PARTS_OF_ONE = 1 << 1074
_MOST, _LEAST = 2**63 - 1, -(2**63)


@dataclass(slots=True)
class Aggregation:
    """One aggregation and what it has met so far.

    Doubles are summed exactly, so that the sum is that of the documents, whatever their order: no
    rounding on the way, no overflow that a later value would have made good.

    Attributes:
        whole: The sum of the integers.
        parts: The sum of the finite doubles, in units of the least double (2 ** -1074).
        special: The sum of the infinities and NaN.
    """

    alias: str
    kind: str
    path: FieldPath | None = None
    up_to: int | None = None
    count: int = 0
    whole: int = 0
    parts: int = 0
    special: float = 0.0
    seen_real: bool = False

    def add(self, fields: Any) -> None:
        """Take in one document."""
        if self.path is None:
            self.count += self.up_to is None or self.count < self.up_to
            return
        value = field_paths.get(fields, self.path)
        kind = None if value is None else value.WhichOneof("value_type")
        if value is None or kind not in {"integer_value", "double_value"}:
            return
        self.count += 1
        if kind == "integer_value":
            self.whole += value.integer_value
        else:
            self._add_real(value.double_value)

    def result(self) -> Any:
        """Return the Value."""
        if self.kind == "count":
            return Value(integer_value=self.count)
        if self.kind == "avg":
            if not self.count:
                return Value(null_value=0)
            return Value(double_value=self._total() / self.count)
        if self.seen_real or not _LEAST <= self.whole <= _MOST:
            return Value(double_value=self._total())
        return Value(integer_value=self.whole)

    def _add_real(self, value: float) -> None:
        self.seen_real = True
        if not math.isfinite(value):
            self.special += value
            return
        numerator, denominator = value.as_integer_ratio()
        self.parts += numerator * (_PARTS_OF_ONE // denominator)

    def _total(self) -> float:
        if self.special:
            return self.special
        parts = self.whole * _PARTS_OF_ONE + self.parts
        try:
            return parts / _PARTS_OF_ONE
        except OverflowError:
            return math.inf if parts > 0 else -math.inf


def compile_aggregations(messages: Iterable[Any]) -> list[Aggregation]:
    """Read the aggregations of a query; name the unnamed ones `field_1`, `field_2` and so on."""
    found: list[Aggregation] = []
    unnamed = 0
    for message in messages:
        unnamed += not message.alias
        found.append(_compile(message, message.alias or f"field_{unnamed}"))
    if not found:
        raise InvalidArgumentError("Aggregations can not be empty.")
    _check_aliases([one.alias for one in found])
    if len(found) > _MAX_AGGREGATIONS:
        raise InvalidArgumentError(
            "The maximum number of aggregations allowed in an aggregation query is "
            f"{_MAX_AGGREGATIONS}. Received: {len(found)}"
        )
    return found


def _check_aliases(aliases: list[str]) -> None:
    for alias in aliases:
        if _RESERVED.fullmatch(alias):
            raise InvalidArgumentError(f'The property.name "{alias}" is reserved.')
        if len(alias.encode()) > _MAX_ALIAS_BYTES:
            raise InvalidArgumentError(
                f"The property.name is longer than {_MAX_ALIAS_BYTES} bytes."
            )
        if aliases.count(alias) > 1:
            raise InvalidArgumentError(f"Aggregation aliases contain duplicate alias: {alias}.")


def _compile(message: Any, alias: str) -> Aggregation:
    kind = message.WhichOneof("operator")
    if kind is None:
        raise InvalidArgumentError("Operator field in Aggregation is not set.")
    if kind != "count":
        path = field_paths.parse(getattr(message, kind).field.field_path)
        if path == field_paths.NAME:
            raise InvalidArgumentError("Aggregations are not supported for the property: __key__")
        return Aggregation(alias, kind, path=path)
    if not message.count.HasField("up_to"):
        return Aggregation(alias, kind)
    if message.count.up_to.value < 0:
        raise InvalidArgumentError(
            "The `up_to` value in a COUNT aggregation must be greater than or equal to zero."
        )
    return Aggregation(alias, kind, up_to=message.count.up_to.value)
