"""A model's inputs as a person reads them: columns with numbers, words and moments."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from functions.kit.contract.measures.rounding import brief
from functions.kit.contract.models.features import (
    MISSING,
    SECONDS_A_DAY,
    Inputs,
    encode_column,
)
from functions.kit.contract.models.signature import Feature, Signature
from functions.kit.contract.records.columns import Kind
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[Any]
else:
    np = Lazy("numpy")
    Array = Any

LONGEST_TEXT = 60
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class ReadableColumn:
    """One column of rows.

    Attributes:
        kind: "number" and "moment" (seconds since 1970) are float64 with NaN for missing, "word"
            is text, empty for missing.
        values: [rows].
    """

    name: str
    kind: Literal["number", "moment", "word"]
    values: Array

    @property
    def missing(self) -> Array:
        """Which rows have no value."""
        found: Array = self.values == MISSING if self.kind == "word" else np.isnan(self.values)
        return found

    def show(self, value: Any) -> float | str | None:
        """Return a value of it as JSON takes it."""
        if self.kind == "word":
            text = str(value)
            if text == MISSING:
                return None
            return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"
        if not np.isfinite(value):
            return None
        if self.kind == "number":
            return brief(value)
        return (_EPOCH + dt.timedelta(seconds=float(value))).isoformat(timespec="seconds")


def readable(signature: Signature, inputs: Inputs) -> list[ReadableColumn]:
    """Return the columns that a model looks at, each once, in order; [rows] each.

    Of a column that became several inputs, the one that keeps most of it is read.
    """
    kinds = {column.name: column.kind for column in signature.columns}
    return [_read(one, kinds[one.column], inputs[one.input]) for one in _best(signature)]


def readable_values(
    signature: Signature, values: Mapping[str, Sequence[Any]]
) -> dict[str, ReadableColumn]:
    """Return columns by name, out of values as a log holds them: moments and days as ISO 8601.

    They read as `readable` reads a model's inputs of the same values. A column that is not among
    `values` is left out, and so is a sensitive one: what is logged of it is not its value.
    """
    kinds = {one.name: one.kind for one in signature.columns if not one.sensitive}
    found = {}
    for feature in _best(signature):
        if feature.column in values and feature.column in kinds:
            kind = kinds[feature.column]
            held = _as_recorded(kind, values[feature.column])
            found[feature.column] = _read(feature, kind, encode_column(feature, kind, held))
    return found


def _as_recorded(kind: Kind, values: Sequence[Any]) -> Sequence[Any]:
    if kind not in {"datetime", "date"}:
        return values
    read = dt.datetime.fromisoformat
    return [one if one is None or not isinstance(one, str) else read(one) for one in values]


def _best(signature: Signature) -> list[Feature]:
    best: dict[str, Feature] = {}
    for feature in signature.features:
        if feature.column not in best or _worth(feature) > _worth(best[feature.column]):
            best[feature.column] = feature
    return list(best.values())


def inputs_of(signature: Signature) -> dict[str, list[str]]:
    """Return for each column the inputs that it became."""
    found: dict[str, list[str]] = {}
    for feature in signature.features:
        found.setdefault(feature.column, []).append(feature.input)
    return found


def _worth(feature: Feature) -> int:
    order = ["characters", "words", "float", "string", "double"]
    return order.index(feature.encoding)


def _read(feature: Feature, kind: Kind, values: Array) -> ReadableColumn:
    flat = values.reshape(-1)
    if feature.encoding not in {"float", "double"}:
        return ReadableColumn(feature.column, "word", flat)
    numbers = flat.astype(np.float64)
    if kind not in {"datetime", "date"}:
        return ReadableColumn(feature.column, "number", numbers)
    seconds = numbers * (SECONDS_A_DAY if feature.encoding == "float" else 1.0)
    return ReadableColumn(feature.column, "moment", seconds)
