"""Vector search: the documents whose vectors are nearest to a given one (contract 5.10)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from emulators.firestore.model import fields as field_paths
from emulators.firestore.model.encoding import vector_elements
from emulators.firestore.model.errors import InvalidArgumentError
from emulators.firestore.model.protocol import StructuredQuery, Value
from emulators.firestore.model.validation import check_vector

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from emulators.firestore.model.fields import FieldPath

_MEASURE = StructuredQuery.FindNearest.DistanceMeasure
_MAX_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Nearest:
    """What is near.

    Attributes:
        field: Where the vectors are.
        target: The elements of the given vector.
        measure: EUCLIDEAN, COSINE or DOT_PRODUCT.
        limit: How many documents are wanted.
        threshold: The greatest distance; the least product for DOT_PRODUCT.
        result_field: Where to put the distance in the results.
    """

    field: FieldPath
    target: tuple[float, ...]
    measure: str
    limit: int
    threshold: float | None = None
    result_field: FieldPath | None = None

    def distance(self, fields: Any) -> float | None:
        """Return the distance of a document; None if it has no such vector or is too far."""
        value = field_paths.get(fields, self.field)
        elements = None if value is None else vector_elements(value)
        if elements is None or len(elements) != len(self.target):
            return None
        distance = _DISTANCES[self.measure](_numbers(elements), self.target)
        if math.isnan(distance) or not self._is_near(distance):
            return None
        return distance

    def rank(self, distance: float) -> float:
        """Return what sorts the nearest first."""
        return -distance if self.measure == "DOT_PRODUCT" else distance

    def _is_near(self, distance: float) -> bool:
        if self.threshold is None:
            return True
        return self.rank(distance) <= self.rank(self.threshold)


def compile_nearest(query: Any) -> Nearest:
    """Turn the `find_nearest` of a `StructuredQuery` into a checked search.

    Raises:
        InvalidArgumentError: It breaks a rule of the protocol.
    """
    message = query.find_nearest
    target = _target(message.query_vector)
    if not 1 <= message.limit.value <= _MAX_LIMIT:
        raise InvalidArgumentError(
            f"FindNearest.limit must be a positive integer of no more than {_MAX_LIMIT}"
        )
    if message.distance_measure not in _MEASURE.values() or not message.distance_measure:
        raise InvalidArgumentError("Unknown Distance Measure.")
    if not math.isfinite(message.distance_threshold.value):
        raise InvalidArgumentError("distanceThreshold must be a finite number.")
    if query.HasField("limit"):
        raise InvalidArgumentError("A query limit cannot be used with FindNearest")
    if query.offset:
        raise InvalidArgumentError("A query offset cannot be used with FindNearest")
    result_field = message.distance_result_field
    return Nearest(
        field=field_paths.parse(message.vector_field.field_path),
        target=target,
        measure=_MEASURE.Name(message.distance_measure),
        limit=message.limit.value,
        threshold=(
            message.distance_threshold.value if message.HasField("distance_threshold") else None
        ),
        result_field=_result_field(result_field) if result_field else None,
    )


def _target(vector: Any) -> tuple[float, ...]:
    if vector.WhichOneof("value_type") is None:
        raise InvalidArgumentError("Cannot convert firestore.v1.Value with type unset.")
    if vector_elements(vector) is None:
        raise InvalidArgumentError("Query Value must be of type vector.")
    check_vector(vector, may_be_nan=True)
    return tuple(_numbers(vector_elements(vector) or ()))


def _result_field(text: str) -> FieldPath:
    path = field_paths.parse(text)
    if path == field_paths.NAME:
        raise InvalidArgumentError('The distanceResultField.property.name "__name__" is reserved.')
    return path


def put_distance(fields: Any, path: FieldPath, distance: float) -> None:
    """Set the field of a result that tells its distance."""
    field_paths.put(fields, path, Value(double_value=distance))


def _numbers(elements: Sequence[Any]) -> list[float]:
    return [float(getattr(one, one.WhichOneof("value_type"))) for one in elements]


def _dot_product(left: Sequence[float], right: Sequence[float]) -> float:
    return sum(one * other for one, other in zip(left, right, strict=True))


def _cosine(left: Sequence[float], right: Sequence[float]) -> float:
    lengths = math.sqrt(_dot_product(left, left)) * math.sqrt(_dot_product(right, right))
    return 1 - _dot_product(left, right) / lengths if lengths else math.nan


_DISTANCES: dict[str, Callable[[Sequence[float], Sequence[float]], float]] = {
    "EUCLIDEAN": math.dist,
    "COSINE": _cosine,
    "DOT_PRODUCT": _dot_product,
}
