"""The types of Arrow's columns: those that are taken, each as one that stands for no other.

Others are refused by their type alone. Where values share their bytes, as those of views may,
a few bytes would be gigabytes once each stood for itself.
"""

import numpy as np
import pyarrow as pa
from pyarrow import compute

from functions.kit.contract.errors import Flaw, Unreadable, refused

DAMAGED = (pa.ArrowException, OSError, ValueError, OverflowError, LookupError)
"""What pyarrow raises for bytes that it cannot read."""
TEXTS = (pa.string(), pa.large_string(), pa.string_view())
MOST_VIEWED = 16 * 1024 * 1024
"""Bytes that the texts of a column of views, or of a dictionary, may have altogether."""
_NAMES = "booleans, numbers, texts, days, moments or a dictionary of them"


def plain(name: str, column: pa.ChunkedArray) -> pa.Array:
    """Return a column as one array of booleans, numbers, texts, days, moments or nulls.

    Texts may be a dictionary.

    Raises:
        Unreadable: that names the column.
        Invalid: it is of another type.
    """
    try:
        array = column.combine_chunks()
        if pa.types.is_dictionary(array.type) and not is_text(array.type.value_type):
            _check_is_taken(name, array.type.value_type)
            array = array.dictionary_decode()
        return _of_type(name, array)
    except DAMAGED as error:
        raise unreadable(name, error) from error


def _of_type(name: str, array: pa.Array) -> pa.Array:
    kind = array.type
    if pa.types.is_dictionary(kind):
        _check_viewed(name, array.dictionary)
        lengths = compute.binary_length(array.dictionary.cast(pa.large_string()))
        _check_bytes(name, compute.sum(lengths.take(array.indices)).as_py() or 0)
        return array
    _check_is_taken(name, kind)
    if pa.types.is_timestamp(kind):
        # What is finer than a microsecond is dropped, as it is of a text; nothing wraps.
        return array.cast(pa.timestamp("us", kind.tz), safe=kind.unit != "ns")
    if pa.types.is_decimal(kind):
        return array.cast(pa.float64())
    _check_viewed(name, array)
    return array


def is_text(kind: pa.DataType) -> bool:
    """Tell whether a type is one of texts."""
    return kind in TEXTS


def _check_is_taken(name: str, kind: pa.DataType) -> None:
    tests = (
        *(pa.types.is_null, pa.types.is_boolean, pa.types.is_integer, pa.types.is_floating),
        *(pa.types.is_decimal, pa.types.is_date, pa.types.is_timestamp, is_text),
    )
    if not any(test(kind) for test in tests):
        flaw = Flaw(f"Expected {_NAMES}, got {kind}", column=name)
        raise refused("The table was refused", flaw)


def _check_viewed(name: str, array: pa.Array) -> None:
    if array.type != pa.string_view():
        return
    # A view is 16 bytes, and begins with the length of its text.
    views = np.frombuffer(array.buffers()[1] or b"", "<i4").reshape(-1, 4)
    _check_bytes(name, int(views[array.offset : array.offset + len(array), 0].sum(dtype=np.int64)))


def _check_bytes(name: str, size: int) -> None:
    if size > MOST_VIEWED:
        flaw = Flaw(f"Its texts are {size:,} bytes; at most {MOST_VIEWED:,} are taken", column=name)
        raise refused("The table was refused", flaw)


def unreadable(name: str, error: Exception) -> Unreadable:
    """Say that a column cannot be read, and why."""
    told = reason(error)
    return Unreadable(f"The column '{name}' cannot be read: {told}.", Flaw(told, column=name))


def reason(error: Exception) -> str:
    """Return what an error says, in one line."""
    return " ".join(str(error).split())[:300].rstrip(".")
