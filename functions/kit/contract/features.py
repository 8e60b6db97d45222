"""From records to the arrays that a model takes: one piece of code for training and prediction."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from functions.kit.contract.signature import Feature, Signature
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[Any]
else:
    np = Lazy("numpy")
    Array = Any

OTHER = "(other)"
MISSING = ""
SECONDS_A_DAY = 86_400.0

Inputs = dict[str, Array]


def _as_float(value: Any) -> float:
    if value is None:
        return float("nan")
    if isinstance(value, dt.datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=dt.UTC)
        return aware.timestamp() / SECONDS_A_DAY
    return float(value)


def _encode_floats(values: Iterable[Any]) -> Array:
    numbers = np.array([_as_float(value) for value in values], dtype=np.float32)
    return numbers.reshape(-1, 1)


def _column_encoder(feature: Feature) -> Callable[[Iterable[Any]], Array]:
    if feature.encoding == "float":
        return _encode_floats
    kept = None if feature.levels is None else frozenset({*feature.levels, MISSING})

    def encode_texts(values: Iterable[Any]) -> Array:
        texts = [MISSING if value is None else str(value) for value in values]
        if kept is not None:
            texts = [text if text in kept else OTHER for text in texts]
        return np.array(texts, dtype=object).reshape(-1, 1)

    return encode_texts


def encode_column(feature: Feature, values: Iterable[Any]) -> Array:
    """Return the values of one column as an array of shape [rows, 1].

    float32 for "float"; object (str) for "string".
    """
    return _column_encoder(feature)(values)


def encoder(signature: Signature) -> Callable[[Sequence[Any]], Inputs]:
    """Compile `signature` into a function from records to ONNX inputs by name.

    A record is a `columns.record_type` of the signature's columns: its fields are `c0`, `c1` …
    It gives what `encode_column` gives for each feature, but makes one array of all numbers: that
    is what counts for a single record.
    """
    fields = {column.name: f"c{place}" for place, column in enumerate(signature.columns)}
    kinds = {column.name: column.kind for column in signature.columns}
    plain = [
        (feature.input, fields[feature.column])
        for feature in signature.features
        if feature.encoding == "float" and kinds[feature.column] != "datetime"
    ]
    names = {name for name, _ in plain}
    others = [
        (feature.input, fields[feature.column], _column_encoder(feature))
        for feature in signature.features
        if feature.input not in names
    ]

    def encode(records: Sequence[Any]) -> Inputs:
        values = [[getattr(record, field) for record in records] for _, field in plain]
        # numpy takes None for NaN here, and booleans for 0 and 1.
        block = np.array(values, dtype=np.float32).reshape(len(plain), len(records), 1)
        inputs = {name: array for (name, _), array in zip(plain, block, strict=True)}
        for name, field, encode_values in others:
            inputs[name] = encode_values([getattr(record, field) for record in records])
        return inputs

    return encode
