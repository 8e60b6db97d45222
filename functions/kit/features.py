"""From records to the arrays that a model takes: one piece of code for training and prediction."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.kit.signature import Feature, Signature

OTHER = "(other)"
MISSING = ""
SECONDS_A_DAY = 86_400.0

Array = NDArray[Any]
Inputs = dict[str, Array]


def _as_float(value: Any) -> float:
    if value is None:
        return float("nan")
    if isinstance(value, dt.datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=dt.UTC)
        return aware.timestamp() / SECONDS_A_DAY
    return float(value)


def encode_column(feature: Feature, values: Iterable[Any]) -> Array:
    """Return the values of one column as an array of shape [rows, 1].

    float32 for "float"; object (str) for "string".
    """
    if feature.encoding == "float":
        numbers = np.array([_as_float(value) for value in values], dtype=np.float32)
        return numbers.reshape(-1, 1)
    texts = [MISSING if value is None else str(value) for value in values]
    if feature.levels is not None:
        kept = {*feature.levels, MISSING}
        texts = [text if text in kept else OTHER for text in texts]
    return np.array(texts, dtype=object).reshape(-1, 1)


def encoder(signature: Signature) -> Callable[[Sequence[Any]], Inputs]:
    """Compile `signature` into a function from records to ONNX inputs by name.

    A record is a `columns.record_type` of the signature's columns: its fields are `c0`, `c1` …
    """
    places = {column.name: f"c{place}" for place, column in enumerate(signature.columns)}
    parts = [(feature, places[feature.column]) for feature in signature.features]

    def encode(records: Sequence[Any]) -> Inputs:
        return {
            feature.input: encode_column(feature, [getattr(record, field) for record in records])
            for feature, field in parts
        }

    return encode
