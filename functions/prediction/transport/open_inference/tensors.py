"""Tensors: the protocol's datatypes, and values in and out of JSON or raw bytes.

Raw bytes are little-endian and row-major; an element of BYTES is its length in 4 bytes, then
itself.
"""

import itertools
import struct
from typing import TYPE_CHECKING, Any

from functions.kit.contract.errors import Unreadable
from functions.kit.lazy import Lazy
from functions.prediction.transport.open_inference.elements import split
from functions.prediction.transport.open_inference.messages import InputTensor

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from functions.kit.contract.models.features import Array
    from functions.prediction.model.tables import Given
else:
    np = Lazy("numpy")

DTYPES = {
    "BOOL": "?",
    "UINT8": "<u1",
    "UINT16": "<u2",
    "UINT32": "<u4",
    "UINT64": "<u8",
    "INT8": "<i1",
    "INT16": "<i2",
    "INT32": "<i4",
    "INT64": "<i8",
    "FP16": "<f2",
    "FP32": "<f4",
    "FP64": "<f8",
}
BYTES = "BYTES"
_LENGTH = struct.Struct("<I")
_JSON_TYPES: dict[str, tuple[type, ...]] = {"b": (bool, int), "f": (int, float)}


def values(tensor: InputTensor, raw: bytes | None) -> list[Any]:
    """Return the values of one column: numbers, booleans or texts; None for null.

    Args:
        tensor: of shape [rows] or [rows, 1].
        raw: its bytes, or None when its values are in the JSON.

    Raises:
        Unreadable: that names the input.
    """
    if tensor.datatype != BYTES and tensor.datatype not in DTYPES:
        raise _wrong(tensor, f"'{tensor.datatype}' is not a datatype of the protocol")
    if len(tensor.shape) not in {1, 2} or tensor.shape[1:] not in ([], [1]):
        raise _wrong(tensor, f"its shape {tensor.shape} is neither [rows] nor [rows, 1]")
    found = _from_json(tensor) if raw is None else _from_raw(tensor, raw)
    if len(found) != tensor.shape[0]:
        text = f"it has {len(found)} values, its shape {tensor.shape} wants {tensor.shape[0]}"
        raise _wrong(tensor, text)
    return found


def column(tensor: InputTensor, raw: bytes) -> "Given | None":
    """Return one column of many rows, without Python for each value.

    Returns:
        An array [rows], or texts; None where only `values` can tell.
    """
    shape = tensor.shape
    if len(shape) not in {1, 2} or shape[1:] not in ([], [1]):
        return None
    if tensor.datatype == BYTES:
        return split(raw, shape[0])
    dtype = DTYPES.get(tensor.datatype)
    if dtype is None or len(raw) != shape[0] * np.dtype(dtype).itemsize:
        return None
    found: Array = np.frombuffer(raw, dtype)
    return found


def _from_json(tensor: InputTensor) -> list[Any]:
    if tensor.data is None:
        raise _wrong(tensor, "it has no data")
    flat = tensor.data
    if flat and isinstance(flat[0], list):
        if not all(isinstance(row, list) for row in flat):
            raise _wrong(tensor, "its data is nested unevenly")
        flat = list(itertools.chain.from_iterable(flat))
    if tensor.datatype == BYTES:
        return _checked(tensor, flat, (str,))
    dtype = np.dtype(DTYPES[tensor.datatype])
    # In JSON a number that is missing is null: it has no NaN.
    _checked(tensor, flat, (*_JSON_TYPES.get(dtype.kind, (int,)), type(None)))
    there = [value for value in flat if value is not None]
    try:
        with np.errstate(over="ignore"):  # what gets infinite is refused with its row
            array: list[Any] = np.array(there, dtype=dtype).tolist()
    except OverflowError as error:
        raise _wrong(tensor, f"a value does not fit {tensor.datatype}") from error
    if len(there) == len(flat):
        return array
    numbers = iter(array)
    return [None if value is None else next(numbers) for value in flat]


def _checked(tensor: InputTensor, flat: list[Any], wanted: tuple[type, ...]) -> list[Any]:
    for row, value in enumerate(flat, 1):
        if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
            kind = type(value).__name__
            raise _wrong(tensor, f"value {row} is a {kind}, which is no {tensor.datatype}")
    return flat


def _from_raw(tensor: InputTensor, raw: bytes) -> list[Any]:
    if tensor.datatype == BYTES:
        return _texts(tensor, raw)
    dtype = np.dtype(DTYPES[tensor.datatype])
    if len(raw) % dtype.itemsize:
        raise _wrong(tensor, f"{len(raw)} bytes are no whole number of {tensor.datatype}")
    found: list[Any] = np.frombuffer(raw, dtype=dtype).tolist()
    return found


def _texts(tensor: InputTensor, raw: bytes) -> list[str]:
    found, at = [], 0
    while at < len(raw):
        begin = at + _LENGTH.size
        if begin > len(raw):
            raise _wrong(tensor, "its bytes end within a length")
        at = begin + _LENGTH.unpack_from(raw, at)[0]
        if at > len(raw):
            raise _wrong(tensor, "its bytes end within an element")
        try:
            found.append(raw[begin:at].decode())
        except UnicodeDecodeError as error:
            raise _wrong(tensor, f"element {len(found) + 1} is not UTF-8") from error
    return found


def raw_bytes(datatype: str, flat: "Array | Sequence[str]") -> bytes:
    """Return the bytes of a tensor's values."""
    if datatype != BYTES:
        return np.asarray(flat, dtype=DTYPES[datatype]).tobytes()
    elements = {text: _element(text.encode()) for text in set(flat)}
    return b"".join(map(elements.__getitem__, flat))


def _element(text: bytes) -> bytes:
    return _LENGTH.pack(len(text)) + text


def _wrong(tensor: InputTensor, reason: str) -> Unreadable:
    return Unreadable(f"Input '{tensor.name}': {reason}.")
