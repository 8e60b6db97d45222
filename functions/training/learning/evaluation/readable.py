"""A model's inputs as a person reads them: columns with numbers, words and moments."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from functions.kit.contract.models.features import MISSING, SECONDS_A_DAY, Inputs
from functions.kit.contract.models.signature import Feature, Signature
from functions.kit.contract.records.columns import Kind
from functions.training.learning.evaluation.rounding import brief

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
    values: NDArray[Any]

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Which rows have no value."""
        found: NDArray[np.bool_] = (
            self.values == MISSING if self.kind == "word" else np.isnan(self.values)
        )
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
    best: dict[str, Feature] = {}
    for feature in signature.features:
        if feature.column not in best or _worth(feature) > _worth(best[feature.column]):
            best[feature.column] = feature
    return [_read(one, kinds[one.column], inputs[one.input]) for one in best.values()]


def inputs_of(signature: Signature) -> dict[str, list[str]]:
    """Return for each column the inputs that it became."""
    found: dict[str, list[str]] = {}
    for feature in signature.features:
        found.setdefault(feature.column, []).append(feature.input)
    return found


def _worth(feature: Feature) -> int:
    order = ["characters", "words", "float", "string", "double"]
    return order.index(feature.encoding)


def _read(feature: Feature, kind: Kind, values: NDArray[Any]) -> ReadableColumn:
    flat = values.reshape(-1)
    if feature.encoding not in {"float", "double"}:
        return ReadableColumn(feature.column, "word", flat)
    numbers = flat.astype(np.float64)
    if kind not in {"datetime", "date"}:
        return ReadableColumn(feature.column, "number", numbers)
    seconds = numbers * (SECONDS_A_DAY if feature.encoding == "float" else 1.0)
    return ReadableColumn(feature.column, "moment", seconds)
