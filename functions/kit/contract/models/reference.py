"""The reference of a version: what the rows were like that it learnt from, kept beside its file.

Drift is looked for against it: rows of now are counted into the very same bins and words.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from functions.kit.contract.records.columns import Kind
from functions.kit.contract.telemetry.predictions import Value
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[Any]
else:
    np = Lazy("numpy")
    Array = Any

BINS = 64
"""Of numbers, at most: fine enough for tests of whole distributions."""
MOST_WORDS = 1_000
"""Words of a column that are counted by themselves."""
LONGEST_WORD = 200
"""Letters; a column with a longer one keeps no words, but how long they are."""
SAMPLE = 1_000
"""Rows that are kept as they are, at most."""
MOST_SAMPLED = 2 * 1024 * 1024
"""Bytes of JSON that these rows may take: of long texts there are fewer."""
MOST_BYTES = 16 * 1024 * 1024
"""What the file may be."""
TRUE, FALSE = "true", "false"

_format = 1


class Unreadable(Exception):  # noqa: N818 - it says what is wrong with bytes that were given
    """The bytes are no reference; the text says why."""


class Numbers(msgspec.Struct, frozen=True):
    """Numbers by bins.

    Attributes:
        edges: inner ones, growing: a value lies in the bin of the count of edges at or below it.
        counts: one more than edges.
        low: the least.
        high: the most.
        mean: of all.
        std: of all.
        below: values that are lower than the least: of a reference none, of windows that stand in
            its place perhaps some.
        above: higher than the most, likewise.
    """

    edges: list[float]
    counts: list[int]
    low: float
    high: float
    mean: float
    std: float
    below: int = 0
    above: int = 0


class Words(msgspec.Struct, frozen=True):
    """How often there is which word.

    Attributes:
        counts: by word, the most frequent first.
        rest: rows with a word that is not among them.
        once: words that are in one row alone: so likely is a row to have one never met before.
        is_whole: whether every word is among them, so that any other is new.
    """

    counts: dict[str, int]
    rest: int
    once: int
    is_whole: bool


class ColumnReference(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a column was like.

    Attributes:
        name: of the column.
        kind: of its values.
        rows: looked at.
        missing: rows without a value.
        numbers: of numbers, days and moments (seconds since 1970), and texts (their lengths); null
            where there is no value.
        words: of categories, booleans, and short texts that come again; null for others.
    """

    name: str
    kind: Kind
    rows: int
    missing: int
    numbers: Numbers | None = None
    words: Words | None = None


class Served(msgspec.Struct, frozen=True):
    """What the file that serves says of the held-out rows, where it has learnt from them as well.

    It is surer of them than of rows that it has not seen: how far this is from what was said
    before bounds how far what it says of new ones may be, without any drift.

    Attributes:
        labels: rows by what was said; empty for a regression.
        bins: of the reference's `values`.
        low: the least of them.
        high: the most.
    """

    labels: dict[str, int]
    bins: list[int]
    low: float
    high: float


class Reference(msgspec.Struct, frozen=True):
    """What a version learnt from, and what it said of rows that it had not seen.

    Attributes:
        rows: that it learnt from.
        columns: in the signature's order.
        predicted: labels that it gave held-out rows; null for a regression.
        values: of a regression, what it gave them; of classes, the probabilities of what it said.
        sample: some of the rows that it learnt from, drawn evenly: by column their values, as the
            log of predictions has them. Sensitive columns are not there; of a reference of an
            older release none is.
        served: what is said of the same rows by the file that serves; null where that is the one
            that was measured.
        format: of this file.
    """

    rows: int
    columns: list[ColumnReference]
    predicted: Words | None = None
    values: Numbers | None = None
    sample: dict[str, list[Value]] = {}
    served: Served | None = None
    format: int = _format

    def to_bytes(self) -> bytes:
        """Return it as a JSON file."""
        return msgspec.json.encode(self)


_decoder = msgspec.json.Decoder(Reference)


def from_bytes(data: bytes) -> Reference:
    """Return what `to_bytes` gave; raises Unreadable."""
    try:
        found = _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unreadable(f"Not a reference: {error}") from error
    if found.format != _format:
        raise Unreadable(f"Not a reference of this release: format {found.format}")
    for numbers in [found.values, *(one.numbers for one in found.columns)]:
        if numbers is not None and len(numbers.counts) != len(numbers.edges) + 1:
            raise Unreadable("Not a reference: bins and edges differ in number.")
    if found.served and len(found.served.bins) != len(found.values.counts if found.values else ()):
        raise Unreadable("Not a reference: what is served has other bins.")
    if len({len(values) for values in found.sample.values()}) > 1:
        raise Unreadable("Not a reference: columns of its rows differ in length.")
    return found


def numbers_of(values: Array) -> Numbers | None:
    """Return numbers by bins that hold alike many; None without any.

    Where they are few different ones, each has a bin, whose edges lie halfway to the next.

    Args:
        values: float64, [rows]; what is not finite is passed over.
    """
    some = values[np.isfinite(values)]
    if len(some) == 0:
        return None
    edges = _edges(some)
    low, high = float(some.min()), float(some.max())
    scale = max(abs(low), abs(high)) or 1.0  # no square of a number that is out of range
    parts = some / scale
    return Numbers(
        edges.tolist(),
        counted(edges, some).tolist(),
        low,
        high,
        min(max(float(parts.mean()) * scale, low), high),
        min(float(parts.std()) * scale, high / 2 - low / 2),
    )


def counted(edges: Any, values: Array) -> Array:
    """Return how many values lie in each bin: int64, one more than edges; none may be NaN."""
    places = np.searchsorted(np.asarray(edges, np.float64), values, side="right")
    return np.bincount(places, minlength=len(edges) + 1)


def _edges(values: Array) -> Array:
    """Return inner edges, growing."""
    different = np.unique(values)
    if len(different) <= BINS:
        halves = different[:-1] / 2 + different[1:] / 2  # no sum that is out of range
        return np.unique(np.clip(halves, np.nextafter(different[:-1], np.inf), different[1:]))
    shares = np.linspace(0, 1, BINS + 1)[1:-1]
    found: Array = np.unique(np.quantile(values, shares, method="inverted_cdf"))
    kept: Array = found[found > different[0]]
    return kept


def sample_of(columns: Mapping[str, Sequence[Value]]) -> dict[str, list[Value]]:
    """Return as many of some rows, the first, as a reference may keep."""
    rows = zip(*columns.values(), strict=True)
    sizes = np.cumsum([len(msgspec.json.encode(row)) for row in rows])
    count = int(np.searchsorted(sizes, MOST_SAMPLED, side="right"))
    return {name: list(values[: min(count, SAMPLE)]) for name, values in columns.items()}


def words_of(texts: Sequence[str], counts: Sequence[int]) -> Words:
    """Return how often there is which word, of different texts and how often each is there."""
    pairs = sorted(zip(texts, counts, strict=True), key=lambda one: (-one[1], one[0]))
    kept = dict(pairs[:MOST_WORDS])
    return Words(
        kept,
        sum(count for _, count in pairs[MOST_WORDS:]),
        sum(count == 1 for count in counts),
        len(pairs) <= MOST_WORDS,
    )
