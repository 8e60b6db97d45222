"""Columns of a sample as numbers by which two of them can be looked at together.

How a column's values are spread is left out: numbers are their ranks, words whether it is this one.
So what is told of two columns is what neither shows alone.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from functions.kit.contract.models.reference import ColumnReference
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from scipy import special

    Array = NDArray[Any]
else:
    np = Lazy("numpy")
    special = Lazy("scipy.special")
    Array = Any

MOST_FEATURES = 120
"""That are looked at together: those of the columns that come first."""
MOST_WORDS = 5
"""Of a column, the most frequent ones."""
LEAST_SHARE = 0.05
"""Of rows that have a word, or that have not: a rarer one tells nothing of two columns."""

Columns = Mapping[str, Array]
"""By name, [rows]: float64 with NaN where one is missing; or objects, text or None."""


class Feature(NamedTuple):
    """What one number of a row is.

    Attributes:
        column: whose.
        word: that a row has or not; None for numbers.
        is_size: how far a number is from the middle, on whichever side.
    """

    column: str
    word: str | None = None
    is_size: bool = False


class Features(NamedTuple):
    """A sample.

    Attributes:
        values: of mean 0 and variance 1, [rows, features]; 0 where one is missing.
        there: where none is missing, [rows, features] of 0 and 1.
        rare: of words, the share of rows that have it, or have not, whichever is less; 0.5 of
            numbers, [features].
    """

    values: Array
    there: Array
    rare: Array


def features_of(columns: Sequence[ColumnReference], sample: Columns) -> list[Feature]:
    """Return what is looked at of a sample; of days and moments, which always go on, nothing."""
    found: list[Feature] = []
    for one in columns:
        values = sample.get(one.name)
        if values is None or one.kind in {"date", "datetime"}:
            continue
        if values.dtype == object:
            found += [Feature(one.name, word) for word in _frequent(values)]
        else:
            found += [Feature(one.name), Feature(one.name, is_size=True)]
    return found[:MOST_FEATURES]


def _frequent(values: Array) -> list[str]:
    words, counts = np.unique(values[values != None].astype(str), return_counts=True)  # noqa: E711 - of arrays
    often = sorted(zip((-counts).tolist(), words.tolist(), strict=True))
    least = LEAST_SHARE * len(values)
    kept = [word for count, word in often if least <= -count <= len(values) - least]
    # Of two words the one says what the other does.
    return kept[: min(MOST_WORDS, max(1, len(words) - 1))]


def read(features: Sequence[Feature], sample: Columns) -> Features:
    """Return a sample by its features; where a column is missing, so are its values."""
    rows = len(next(iter(sample.values()), []))
    values, there = np.zeros((2, len(features), rows))
    rare = np.full(len(features), 0.5)
    for place, one in enumerate(features):
        column = sample.get(one.column)
        if column is None:
            continue
        has = column != None if column.dtype == object else np.isfinite(column)  # noqa: E711 - of arrays
        there[place] = has
        own, rare[place] = _of(one, column[has])
        values[place, has] = own
    return Features(values.T, there.T, rare)


def _of(one: Feature, values: Array) -> tuple[Array, float]:
    """Return values of a feature, standardised, and how rare the rarer side of a word is."""
    if not len(values):
        return values, 0.0
    if one.word is not None:
        found = (values == one.word).astype(np.float64)
        share = float(found.mean())
        return _standard(found), min(share, 1 - share)
    scores = normal_scores(np.asarray(values, np.float64))
    return _standard(np.abs(scores) if one.is_size else scores), 0.5


def normal_scores(values: Array) -> Array:
    """Return the quantile of a normal distribution that each value's rank is; of equal ones one."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    middles = np.cumsum(counts) - (counts - 1) / 2
    found: Array = special.ndtri(middles / (len(values) + 1))[places]
    return found


def _standard(values: Array) -> Array:
    spread = float(values.std())
    return (values - values.mean()) / spread if spread > _NOTHING else np.zeros(len(values))


_NOTHING = 1e-9
