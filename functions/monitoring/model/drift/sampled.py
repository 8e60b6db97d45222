"""Some rows as they are: values by column, as the log of predictions has them."""

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from functions.kit.contract.models.reference import (
    FALSE,
    TRUE,
    ColumnReference,
    Reference,
)
from functions.kit.contract.records.columns import Kind
from functions.kit.contract.records.sensitive import text_of
from functions.kit.contract.telemetry.predictions import Value
from functions.kit.lazy import Lazy
from functions.monitoring.model.windows.tally import INPUT

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    Array = NDArray[Any]
else:
    np = Lazy("numpy")
    pa = Lazy("pyarrow")
    Array = Any

_NUMERIC: set[Kind] = {"number", "integer", "text"}


class Sampled(NamedTuple):
    """Rows in an order that follows from them: the first of it are an even sample, too.

    Attributes:
        keys: what each is known by: the id of a prediction, or a place.
        columns: by name.
    """

    keys: Sequence[str]
    columns: Mapping[str, Sequence[Value]]

    def records(self, most: int) -> list[dict[str, Value]]:
        """Return the first rows as records."""
        kept = [values[:most] for values in self.columns.values()]
        return [dict(zip(self.columns, row, strict=True)) for row in zip(*kept, strict=True)]


def of_log(table: "pa.Table", columns: Sequence[ColumnReference], most: int) -> Sampled:
    """Return an even sample of rows of the log, the same whenever it is taken of the same rows."""
    ids: list[str] = table["id"].to_pylist()
    order = sorted(range(len(ids)), key=lambda place: _digest(ids[place]))[:most]
    taken = table.take(pa.array(order, pa.int64()))
    nothing = [None] * len(order)
    return Sampled(
        [ids[place] for place in order],
        {
            one.name: taken[name].to_pylist() if name in taken.column_names else nothing
            for one in columns
            for name in [f"{INPUT}{one.name}"]
        },
    )


def of_reference(reference: Reference) -> Sampled:
    """Return the rows that a reference keeps."""
    count = len(next(iter(reference.sample.values()), []))
    return Sampled([f"learnt-{place}" for place in range(count)], reference.sample)


def joined(samples: Sequence[Sampled]) -> Sampled:
    """Return samples of the same columns as one, a row of each in turn."""
    if not samples:
        return Sampled([], {})
    names = samples[0].columns
    keys = _in_turn([one.keys for one in samples])
    return Sampled(keys, {name: _in_turn([one.columns[name] for one in samples]) for name in names})


def _in_turn(lists: Sequence[Sequence[Any]]) -> list[Any]:
    most = max(map(len, lists))
    return [one[place] for place in range(most) for one in lists if place < len(one)]


def arrays(sample: Sampled, columns: Sequence[ColumnReference]) -> dict[str, Array]:
    """Return columns as numbers and words; what is of no kind of its column's is missing.

    Numbers, and of texts their lengths, are float64 with NaN; words are objects, None where one is
    missing. Columns of whose values nothing is known are not there.
    """
    return {
        one.name: _array(one, sample.columns[one.name])
        for one in columns
        if one.name in sample.columns and (one.numbers is not None or one.words is not None)
    }


def _array(column: ColumnReference, values: Iterable[Value]) -> Array:
    if column.kind in _NUMERIC:
        read = _length if column.kind == "text" else _number
        return np.array([read(one) for one in values], np.float64)
    return np.array([_word(one) for one in values], object)


def _number(value: Value) -> float:
    if isinstance(value, bool) or value is None:
        return math.nan
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return math.nan
    return found if math.isfinite(found) else math.nan


def _length(value: Value) -> float:
    return float(len(value)) if isinstance(value, str) else math.nan


def _word(value: Value) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return TRUE if value else FALSE
    return text_of(value)


def _digest(name: str) -> bytes:
    return hashlib.blake2b(name.encode(), digest_size=8).digest()
