"""Stable hashes of columns: the same value has the same hash in every process and release.

What is held out hangs on them, so they must never change.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]

MISSING_HASH = np.uint64(0x9E3779B97F4A7C15)
# Odd, so that it has an inverse modulo 2^64.
_BASE = 0x9FB21C651E98DF25
_INVERSE = pow(_BASE, -1, 2**64)
_ROWS_AT_ONCE = 65_536
# A column of fewer different words than this share of its rows is hashed word by word.
FEW_WORDS = 0.5


def mix(values: Hashes) -> Hashes:
    """Return well-spread numbers for `values`, one to one (the end of splitmix64)."""
    found = values.astype(np.uint64)
    found ^= found >> np.uint64(30)
    found *= np.uint64(0xBF58476D1CE4E5B9)
    found ^= found >> np.uint64(27)
    found *= np.uint64(0x94D049BB133111EB)
    found ^= found >> np.uint64(31)
    return found


def salt(text: str) -> np.uint64:
    """Return a number for a column's name, or for what a hash is used for."""
    return np.uint64(hash_texts(pa.array([text]))[0])


def as_arrow(values: Sequence[Any] | pa.Array) -> pa.Array:
    """Return a column as one Arrow array."""
    column = values if isinstance(values, pa.Array | pa.ChunkedArray) else pa.array(values)
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def hash_column(values: Sequence[Any] | pa.Array) -> Hashes:
    """Return a hash of each value, [rows]; None, NaN and the empty text have the same.

    A whole number has the same hash as an integer and as a float.
    """
    column = as_arrow(values)
    if pa.types.is_dictionary(column.type):
        return _hash_codes(column)
    if pa.types.is_null(column.type):
        return np.full(len(column), MISSING_HASH)
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        coded = column.dictionary_encode()
        if len(coded.dictionary) < FEW_WORDS * len(column):
            return _hash_codes(coded)
        found = hash_texts(column)
        empty = pc.fill_null(pc.equal(column, ""), True)  # noqa: FBT003 - Arrow takes it by place
    elif pa.types.is_temporal(column.type):
        found = _hash_integers(column.cast(_moments(column.type)).cast(pa.int64()))
        empty = column.is_null()
    else:
        found, empty = _hash_numbers(column), column.is_null(nan_is_null=True)
    return np.where(empty.to_numpy(zero_copy_only=False), MISSING_HASH, found)


def _hash_codes(column: pa.DictionaryArray) -> Hashes:
    """Hash each distinct value once."""
    of_values = np.append(hash_column(column.dictionary), MISSING_HASH)
    codes = pc.fill_null(column.indices, len(column.dictionary)).to_numpy(zero_copy_only=False)
    found: Hashes = of_values[codes]
    return found


def _moments(kind: pa.DataType) -> pa.DataType:
    return pa.timestamp("us", tz=getattr(kind, "tz", None))


def _hash_numbers(column: pa.Array) -> Hashes:
    if pa.types.is_integer(column.type):
        return _hash_integers(column)
    numbers = column.cast(pa.float64()).fill_null(0).to_numpy(zero_copy_only=False)
    # Adding 0 makes -0.0 the same as 0.0.
    return mix(np.ascontiguousarray(numbers + 0.0).view(np.uint64))


def _hash_integers(column: pa.Array) -> Hashes:
    """Hash as floats do, and with what a float would lose."""
    whole = column.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    near = np.clip(whole.astype(np.float64), -(2.0**63), np.nextafter(2.0**63, 0))
    lost = (whole - near.astype(np.int64)).astype(np.uint64)
    return mix((near + 0.0).view(np.uint64)) ^ np.where(lost != 0, mix(lost), np.uint64(0))


def hash_texts(column: pa.Array) -> Hashes:
    """Return a hash of each text's bytes: a polynomial in them, modulo 2^64."""
    parts = [_hash_part(part) for part in _parts(column.cast(pa.large_string()))]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.uint64)


def _parts(column: pa.Array) -> Iterator[pa.Array]:
    for begin in range(0, len(column), _ROWS_AT_ONCE):
        yield column.slice(begin, _ROWS_AT_ONCE)


def _hash_part(column: pa.Array) -> Hashes:
    offsets = np.frombuffer(column.buffers()[1], dtype=np.int64)
    offsets = offsets[column.offset : column.offset + len(column) + 1]
    data = column.buffers()[2]
    held = np.zeros(0, np.uint8) if data is None else np.frombuffer(data, dtype=np.uint8)
    held = held[offsets[0] : offsets[-1]]
    places = offsets - offsets[0]
    # A byte becomes a number of 64 bits; its power of the base says where it stands.
    terms = mix(held.astype(np.uint64) + np.uint64(1)) * _powers(_BASE, len(held))
    sums = np.append(np.uint64(0), np.cumsum(terms, dtype=np.uint64))
    inside = sums[places[1:]] - sums[places[:-1]]
    lengths = np.diff(places).astype(np.uint64)
    return mix(inside * _powers(_INVERSE, len(held) + 1)[places[:-1]] + mix(lengths))


def _powers(base: int, count: int) -> Hashes:
    """Return base^0, base^1, … modulo 2^64."""
    steps = np.full(max(count, 1), base, dtype=np.uint64)
    steps[0] = 1
    found: Hashes = np.cumprod(steps, dtype=np.uint64)[:count]
    return found
