"""From records to the arrays that a model takes: one piece of code for training and prediction.

Training encodes whole columns, which are numpy arrays; prediction encodes a few values as records
hold them. Both meet in the same functions, so that they cannot differ.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from functions.kit.contract.models import plain_text
from functions.kit.contract.models.signature import Encoding, Feature, Signature
from functions.kit.contract.records.columns import Kind
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
MICROSECONDS = 1e6

Inputs = dict[str, Array]
Encode = Callable[[Iterable[Any]], Array]
Get = Callable[[Any], Any]

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_EPOCH_DAY = dt.date(1970, 1, 1).toordinal()
_MICROSECOND = dt.timedelta(microseconds=1)
_MICROSECONDS_A_DAY = 86_400 * 10**6
# Kinds whose values numpy reads as numbers by itself.
_PLAIN: set[Kind] = {"number", "integer", "boolean"}


def _microseconds(value: Any) -> float:
    """Return the whole microseconds since 1970 of a moment or a day; NaN for None."""
    if value is None:
        return float("nan")
    if not isinstance(value, dt.datetime):
        return float((value.toordinal() - _EPOCH_DAY) * _MICROSECONDS_A_DAY)
    aware = value if value.tzinfo else value.replace(tzinfo=dt.UTC)
    return float((aware - _EPOCH) // _MICROSECOND)


def _seconds(values: Iterable[Any]) -> Array:
    """Return moments or days as seconds since 1970, float64, NaN where one is missing.

    A float64 holds the microseconds of the years 1684 to 2255 exactly, and those of others to 32.
    """
    if not isinstance(values, np.ndarray):
        return np.array([_microseconds(value) for value in values], np.float64) / MICROSECONDS
    whole = values.astype("datetime64[us]")
    found = whole.astype(np.int64).astype(np.float64) / MICROSECONDS
    found[np.isnat(whole)] = np.nan
    return found


def _numbers(values: Iterable[Any], dtype: type) -> Array:
    # numpy takes None for NaN here, and booleans for 0 and 1.
    return np.array(values if isinstance(values, np.ndarray) else [*values], dtype=dtype)


def _texts(values: Iterable[Any], read: Callable[[str], str]) -> Array:
    """Return `read` of each text, as objects; called once for texts that are the same object."""
    known: dict[Any, str] = {None: MISSING}
    found = []
    for value in values:
        text = known.get(value)
        if text is None:
            text = known[value] = read(str(value))
        found.append(text)
    return np.array(found, dtype=object)


def _plain_texts(values: Iterable[Any]) -> Array:
    """Return the texts themselves, as objects."""
    if not isinstance(values, np.ndarray):
        return np.array([MISSING if one is None else str(one) for one in values], dtype=object)
    found = values.copy()
    found[values == None] = MISSING  # noqa: E711 - of each
    return found


def _among(levels: Sequence[str]) -> Callable[[str], str]:
    kept = frozenset({*levels, MISSING})
    return lambda text: text if text in kept else OTHER


_READ: dict[Encoding, Callable[[str], str]] = {
    "string": str,
    "words": plain_text.words,
    "characters": plain_text.characters,
}


def _encode_of(feature: Feature, kind: Kind) -> Encode:
    """Return what encodes values of `kind` into [rows]."""
    if feature.encoding in _READ:
        if feature.encoding == "string" and feature.levels is None:
            return _plain_texts
        read = _READ[feature.encoding] if feature.levels is None else _among(feature.levels)
        return lambda values: _texts(values, read)
    if kind in _PLAIN:
        dtype = np.float32 if feature.encoding == "float" else np.float64
        return lambda values: _numbers(values, dtype)
    if feature.encoding == "float":
        return lambda values: (_seconds(values) / SECONDS_A_DAY).astype(np.float32)
    return _seconds


def encode_column(feature: Feature, kind: Kind, values: Iterable[Any]) -> Array:
    """Return the values of one column as an array of shape [rows, 1].

    Args:
        feature: what becomes of them.
        kind: of the column.
        values: as records hold them, None where one is missing; or an array: of numbers with NaN
            there, of datetime64 with NaT, or of objects.

    Returns:
        float32 for "float", float64 for "double", objects (str) for all others.
    """
    return _encode_of(feature, kind)(values).reshape(-1, 1)


def encoder(signature: Signature) -> Callable[[Sequence[Any]], Inputs]:
    """Compile `signature` into a function from records to ONNX inputs by name.

    A record is a `columns.record_type` of the signature's columns: its fields are `c0`, `c1` …
    It gives what `encode_column` gives for each feature, but makes one array of all numbers of one
    type: that is what counts for a single record.
    """
    fields = {one.name: attrgetter(f"c{place}") for place, one in enumerate(signature.columns)}
    kinds = {column.name: column.kind for column in signature.columns}
    blocks: dict[Encoding, list[tuple[str, Get]]] = {}
    others = []
    for one in signature.features:
        get, kind = fields[one.column], kinds[one.column]
        if kind in _PLAIN and one.encoding in {"float", "double"}:
            blocks.setdefault(one.encoding, []).append((one.input, get))
        else:
            others.append((one.input, get, _encode_of(one, kind)))
    encoders = [_block_of(encoding, plain) for encoding, plain in blocks.items()]

    def encode(records: Sequence[Any]) -> Inputs:
        inputs: Inputs = {}
        for encode_block in encoders:
            inputs.update(encode_block(records))
        for name, get, encode_values in others:
            inputs[name] = encode_values([*map(get, records)]).reshape(-1, 1)
        return inputs

    return encode


def _block_of(
    encoding: Encoding, plain: Sequence[tuple[str, Get]]
) -> Callable[[Sequence[Any]], Iterable[tuple[str, Array]]]:
    """Return what makes one array of some features' numbers, and gives each its part."""
    names, gets = zip(*plain, strict=True)

    def encode(records: Sequence[Any]) -> Iterable[tuple[str, Array]]:
        dtype = np.float32 if encoding == "float" else np.float64
        if len(records) == 1:  # a list of one a feature takes as long again
            [record] = records
            values = [get(record) for get in gets]
        else:
            values = [[*map(get, records)] for get in gets]
        return zip(names, np.array(values, dtype).reshape(len(names), -1, 1), strict=True)

    return encode


def column_encoder(signature: Signature) -> Callable[[int, Mapping[str, Array]], Inputs]:
    """Compile `signature` into a function from rows and columns by name to ONNX inputs by name.

    A column is an array as `encode_column` takes it, but that no text is None; one that is not
    there is missing in all rows.
    """
    kinds = {column.name: column.kind for column in signature.columns}
    encoders = []
    for one in signature.features:
        encode_values = _encode_of(one, kinds[one.column])
        if encode_values is _plain_texts:
            encode_values = _filled_texts
        encoders.append((one.input, one.column, encode_values))

    def encode(rows: int, columns: Mapping[str, Array]) -> Inputs:
        inputs: Inputs = {}
        for name, column, encode_values in encoders:
            values = columns[column] if column in columns else [None] * rows
            inputs[name] = encode_values(values).reshape(-1, 1)
        return inputs

    return encode


def _filled_texts(values: Iterable[Any]) -> Array:
    return values if isinstance(values, np.ndarray) else _plain_texts(values)
