"""Rows of the log into sums, by minute: columns at a time, never a row."""

from typing import TYPE_CHECKING, Any

from functions.kit.contract.models.reference import (
    FALSE,
    TRUE,
    ColumnReference,
    Numbers,
    Reference,
    Words,
    counted,
)
from functions.kit.contract.records.columns import Kind
from functions.kit.contract.records.sensitive import text_of
from functions.kit.contract.telemetry import durations
from functions.kit.lazy import Lazy
from functions.monitoring.model.windows.sums import ColumnSum, Sum, first_words
from functions.monitoring.model.windows.window import MINUTE

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from pyarrow import compute
else:
    np = Lazy("numpy")
    pa = Lazy("pyarrow")
    compute = Lazy("pyarrow.compute")

INPUT = "input:"
"""What the names of inputs' columns begin with in the log."""
FIRST_OF_CALL = "-0"
"""How the id of a call's first prediction ends."""
_MOMENTS: set[Kind] = {"datetime", "date"}


def minutes_of(table: "pa.Table") -> dict[int, "pa.Table"]:
    """Part rows of the log by the minute (since 1970) in which they were there."""
    places = np.asarray(table["at"].cast(pa.int64())) // MINUTE
    different = np.unique(places).tolist()
    if len(different) == 1:
        return {different[0]: table}
    return {minute: table.filter(pa.array(places == minute)) for minute in different}


def tally(table: "pa.Table", reference: Reference | None) -> Sum:
    """Return the sum of rows of the log, each of which is there once."""
    calls = compute.ends_with(table["id"], pattern=FIRST_OF_CALL)
    found = Sum(
        rows=len(table),
        calls=compute.sum(calls).as_py() or 0,
        times=_times(np.asarray(table["elapsed"].filter(calls), np.float64) / 1e6),
    )
    if reference is not None:
        found.columns = {
            one.name: _column(_values(table, f"{INPUT}{one.name}"), one)
            for one in reference.columns
        }
        _add_answers(found, table, reference)
    return found


def _add_answers(found: Sum, table: "pa.Table", reference: Reference) -> None:
    if reference.predicted is None:
        found.values = _numbers(_values(table, "value"), reference.values)
        return
    found.predicted = _words(_values(table, "predicted"), reference.predicted)
    found.values = _numbers(_values(table, "probability"), reference.values)


def _values(table: "pa.Table", name: str) -> "pa.Array":
    """Return a column; where nobody sent it, it is missing."""
    if name not in table.column_names:
        return pa.nulls(len(table))
    return table[name].combine_chunks()


def _column(values: "pa.Array", reference: ColumnReference) -> ColumnSum:
    if reference.words is not None:
        return _words(values, reference.words)
    if reference.numbers is None or reference.kind in _MOMENTS:
        return ColumnSum(rows=len(values), missing=values.null_count)
    if reference.kind == "text":
        return _numbers(_lengths(values), reference.numbers)
    return _numbers(values, reference.numbers)


def _numbers(values: "pa.Array", reference: Numbers | None) -> ColumnSum:
    """Count numbers; what is text or a truth where numbers were is of the wrong type."""
    is_number = pa.types.is_integer(values.type) or pa.types.is_floating(values.type)
    mistyped = 0 if is_number else len(values) - values.null_count
    if pa.types.is_string(values.type):  # an hour's files differed: numbers are text in it, too
        values, mistyped = _parsed(values)
    elif not is_number:
        values = pa.nulls(len(values), pa.float64())
    some = np.asarray(values.drop_null().cast(pa.float64(), safe=False), np.float64)
    some = some[np.isfinite(some)]
    found = ColumnSum(
        rows=len(values), missing=len(values) - len(some) - mistyped, mistyped=mistyped
    )
    if len(some) and reference is not None:
        found.bins = counted(reference.edges, some).tolist()
        found.low, found.high = float(some.min()), float(some.max())
        found.below = int((some < reference.low).sum())
        found.above = int((some > reference.high).sum())
    return found


def _parsed(values: "pa.Array") -> tuple["pa.Array", int]:
    """Return texts as the numbers that they are, and how many are none."""
    encoded = values.dictionary_encode()
    numbers = [_number(text) for text in encoded.dictionary.to_pylist()]
    found = pa.array(numbers, pa.float64()).take(encoded.indices)
    return found, found.null_count - values.null_count


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _lengths(values: "pa.Array") -> "pa.Array":
    return compute.utf8_length(values) if pa.types.is_string(values.type) else values


def _words(values: "pa.Array", reference: Words) -> ColumnSum:
    found = ColumnSum(rows=len(values), missing=values.null_count)
    new: dict[str, int] = {}
    for entry in compute.value_counts(values.drop_null()).to_pylist():
        text, count = _text(entry["values"]), entry["counts"]
        if text in reference.counts:
            found.words[text] = found.words.get(text, 0) + count
        elif reference.is_whole:
            new[text] = new.get(text, 0) + count
        else:
            found.rest += count
    found.words = dict(sorted(found.words.items()))
    found.new, found.new_words = sum(new.values()), first_words(new)
    return found


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return TRUE if value else FALSE
    return text_of(value)


def _times(seconds: Any) -> dict[int, int]:
    """Return calls by their buckets: `durations.bucket` of all at once, of one class of size."""
    if not len(seconds):
        return {}
    octaves = np.log2(np.maximum(seconds, durations.SHORTEST) / durations.SHORTEST)
    places = np.minimum((octaves * durations.PER_OCTAVE).astype(int) + 1, durations.BUCKETS - 1)
    places[seconds <= durations.SHORTEST] = 0
    different, counts = np.unique(places, return_counts=True)
    return dict(zip(different.tolist(), counts.tolist(), strict=True))
