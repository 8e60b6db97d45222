"""Whether columns go together as they did: what no column shows alone.

Of each two columns it is looked at how they go together then and now, by correlations of ranks, of
how far from the middle values are, and of words. What is off in a column by itself changes none.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from functions.kit.contract.models.reference import ColumnReference
from functions.kit.lazy import Lazy
from functions.monitoring.model.drift.columns import FLOORS, ColumnDrift, Finding
from functions.monitoring.model.drift.features import Columns, Feature, Features, features_of, read

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from scipy import special

    Array = NDArray[Any]
else:
    np = Lazy("numpy")
    special = Lazy("scipy.special")
    Array = Any

LEAST_ROWS = 200
"""Fewer are not looked at, then or now."""
FEWEST = 100
"""Rows that have both of two columns."""
FEWEST_IN_A_CELL = 5.0
"""Expected of two words together, or of a word and a number four times as many."""
_CLOSEST = 0.99
"""Of correlations: what is closer is as close."""
_SUREST = 1.0
"""The least variance of Fisher's z times the rows: what it is where columns are independent."""


_NONE = 1e-9


class Together(NamedTuple):
    """How columns go together.

    Attributes:
        pair: the two of which that has changed most surely; empty where none could be compared.
        then: their correlation.
        now: it in the window.
        p: how likely as much or more is by chance, of all that was looked at.
        compared: pairs of numbers that were.
    """

    pair: tuple[str, ...]
    then: float
    now: float
    p: float
    compared: int

    @property
    def change(self) -> float:
        """By how much the correlation changed."""
        return abs(self.now - self.then)

    @property
    def drift(self) -> ColumnDrift:
        """It as if it were a column's."""
        finding = Finding(self.change, self.p, is_much=self.change >= FLOORS["correlation"])
        return ColumnDrift(finding, "correlation", None, about=self.pair)


NOTHING = Together((), 0.0, 0.0, 1.0, 0)


class _Pairs(NamedTuple):
    """Correlations, [features, features].

    Attributes:
        correlation: what they are.
        variance: of Fisher's z of them, times the rows.
        rows: that have both.
    """

    correlation: Array
    variance: Array
    rows: Array


def together(columns: Sequence[ColumnReference], then: Columns, now: Columns) -> Together:
    """Return what has changed most surely of how any two columns go together.

    Args:
        columns: which there are.
        then: a sample of what is compared with.
        now: one of the window.
    """
    features = features_of(columns, then)
    if len(features) < 2:
        return NOTHING
    before, after = (read(features, sample) for sample in (then, now))
    one, other = _pairs(before), _pairs(after)
    told = _comparable(features, before, one) & _comparable(features, after, other)
    compared = int(told.sum())
    if not compared:
        return NOTHING
    change = np.arctanh(one.correlation) - np.arctanh(other.correlation)
    # As if nothing had changed, and both were of one distribution: so few rows are not too sure.
    whole = one.rows + other.rows
    variance = (one.rows * one.variance + other.rows * other.variance) / whole
    spread = np.sqrt(variance * (1 / one.rows + 1 / other.rows))
    sure = np.where(told, np.abs(change) / spread, -1.0)
    place = np.unravel_index(int(np.argmax(sure)), sure.shape)
    pair = features[place[0]].column, features[place[1]].column
    p = min(1.0, compared * float(special.erfc(sure[place] / np.sqrt(2.0))))
    return Together(
        pair, float(one.correlation[place]), float(other.correlation[place]), p, compared
    )


def _pairs(sample: Features) -> _Pairs:
    """Return the correlations of a sample's features, over rows that have both.

    The variance is that of Fisher's z by the influence of each row, whatever the distribution.
    """
    a, there = sample.values, sample.there
    rows = np.maximum(there.T @ there, 1.0)
    squares = a**2
    own = np.maximum(squares.T @ there / rows, _NONE)
    scale = np.sqrt(own * own.T)
    correlation = np.clip(a.T @ a / rows / scale, -_CLOSEST, _CLOSEST)
    # Of ab - r (a² + b²) / 2, squared, with a and b in units of what they are where both are.
    cubes, fourth = (a**3).T @ a / rows, squares.T @ squares / rows
    fourths = (squares**2).T @ there / rows
    mixed = cubes / (own * scale) + cubes.T / (own.T * scale)
    both = fourth / (own * own.T)
    alone = fourths / own**2 + (fourths / own**2).T
    r = correlation
    influence = both - r * mixed + r**2 / 4 * (alone + 2 * both)
    variance = np.maximum(influence / (1 - r**2) ** 2, _SUREST)
    return _Pairs(correlation, variance, rows)


def _comparable(features: Sequence[Feature], sample: Features, pairs: _Pairs) -> Array:
    """Tell which pairs, each once, have rows enough: [features, features]."""
    names = np.array([one.column for one in features])
    different = np.triu(names[:, None] != names[None, :], 1)
    rare, is_word = sample.rare, np.array([one.word is not None for one in features])
    rarer = np.where(is_word, rare, 1.0)
    wanted = FEWEST_IN_A_CELL * np.where(is_word[:, None] & is_word[None, :], 1.0, 4.0)
    enough = pairs.rows * rarer[:, None] * rarer[None, :] >= wanted
    varies = (sample.values**2).sum(axis=0) > 0
    found: Array = different & enough & varies[:, None] & varies[None, :] & (pairs.rows >= FEWEST)
    return found
