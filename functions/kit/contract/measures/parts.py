"""Parts of the data: rows that a value, or a range of values, of a column sets apart.

Training measures a model in them, and keeps which they are; monitoring measures the same parts.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from functions.kit.contract.models.readable import ReadableColumn
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[Any]
else:
    np = Lazy("numpy")
    Array = Any

MOST_WORDS = 6
LONGEST_WORD = 300
BINS = 4


class Where(msgspec.Struct, frozen=True, omit_defaults=True):
    """Which values of a column are in a part.

    Attributes:
        kind: those that are missing, one word, or a range.
        word: it.
        start: of the range, numbers or seconds since 1970: the first that counts.
        stop: the first that does not, unless `closed`.
        closed: whether `stop` counts, too.
    """

    kind: Literal["missing", "word", "range"]
    word: str = ""
    start: float = 0.0
    stop: float = 0.0
    closed: bool = False


def inside(where: Where, column: ReadableColumn) -> Array:
    """Return which rows are in a part, [rows] booleans."""
    if where.kind == "missing":
        return column.missing
    if where.kind == "word":
        found: Array = column.values == where.word
        return found
    below = column.values <= where.stop if where.closed else column.values < where.stop
    rows: Array = (column.values >= where.start) & below
    return rows


def in_words(where: Where, column: ReadableColumn) -> str:
    """Return how a part is called."""
    if where.kind == "missing":
        return "missing"
    if where.kind == "word":
        return f"'{column.show(where.word)}'"
    to = "" if where.closed else "below "
    return f"{column.show(where.start)} to {to}{column.show(where.stop)}"


def parts_of(column: ReadableColumn) -> Iterator[Where]:
    """Yield the parts that a column's values make: missing, the most frequent words, quarters."""
    missing = column.missing
    yield Where("missing")
    if column.kind == "word":
        words, counts = np.unique(column.values[~missing].astype(str), return_counts=True)
        for place in np.argsort(-counts, kind="stable")[:MOST_WORDS]:
            if len(words[place]) <= LONGEST_WORD:
                yield Where("word", word=str(words[place]))
        return
    yield from _ranges(column.values[~missing])


def _ranges(known: Array) -> Iterator[Where]:
    if not len(known):
        return
    edges = np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)))
    for low, high in pairwise(edges.tolist()):
        yield Where("range", start=low, stop=high, closed=high == float(edges[-1]))
