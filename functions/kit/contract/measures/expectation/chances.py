"""Chances of labels that come true as often as they say, in all parts of the data.

A model that is right on the whole may be too sure where a column is high, and not sure enough
where it is low. When rows shift, that no longer evens out. So the log odds of each label are
mended by a line whose slope and height hang on the columns, fitted with a penalty on rows that the
model had not seen: the fewer rows, the nearer to what the model says.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from functions.kit.contract.measures.expectation.terms import Term, matrix, terms_of
from functions.kit.contract.models.certainty import normalized
from functions.kit.contract.models.readable import ReadableColumn
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[Any]
else:
    np = Lazy("numpy")
    Array = Any

FEWEST_ROWS = 100
"""Fewer rows tell nothing of how sure a model should be."""
LEAST = 1e-6
"""A probability of 0 or 1 has no odds."""
MOST_LABELS = 20
"""Of more labels the columns are not looked at."""
# Penalties, in rows of information: of the line itself, and of what columns do to it.
LINE, HEIGHTS, SLOPES = 4.0, 20.0, 60.0
_STEPS, _ENOUGH = 30, 1e-8


class Line(msgspec.Struct, frozen=True):
    """One label's.

    Attributes:
        slope: of the log odds.
        height: added to them.
        slopes: what each term adds to the slope.
        heights: what each adds to the height.
        spread: how sure slope and height are: variance, covariance, variance.
    """

    slope: float
    height: float
    slopes: list[float]
    heights: list[float]
    spread: tuple[float, float, float]


class Chances(msgspec.Struct, frozen=True):
    """What mends a model's probabilities.

    Attributes:
        terms: of the columns.
        lines: one a label; of two labels, one of the last.
        rows: that it was learnt from.
    """

    terms: list[Term]
    lines: list[Line]
    rows: int

    def apply(
        self,
        predicted: Array,
        columns: Mapping[str, ReadableColumn],
        random: "np.random.Generator | None" = None,
    ) -> Array:
        """Return the chances of labels, [rows, labels], which add up to 1.

        Args:
            predicted: what the model says, likewise.
            columns: of the rows, by name.
            random: draws lines that are as likely as these.
        """
        shares, seen = normalized(predicted), matrix(self.terms, columns, len(predicted))
        if len(self.lines) == 1:
            last = _chance(_nudged(self.lines[0], random), shares[:, 1], seen)
            return np.stack([1 - last, last], axis=1)
        each = [
            _chance(_nudged(line, random), shares[:, place], seen)
            for place, line in enumerate(self.lines)
        ]
        return normalized(np.stack(each, axis=1))


def learn_chances(
    truth: Array, predicted: Array, columns: Sequence[ReadableColumn] = ()
) -> Chances | None:
    """Return what mends probabilities; None where fewer than 100 rows are there to tell.

    Args:
        truth: places of labels, [rows].
        predicted: probabilities of a model that had not seen the rows, [rows, labels].
        columns: of the rows, the most important first.
    """
    if len(truth) < FEWEST_ROWS:
        return None
    shares = normalized(predicted)
    labels = shares.shape[1]
    terms = terms_of(columns) if labels <= MOST_LABELS else []
    seen = matrix(terms, {one.name: one for one in columns}, len(truth))
    places = [1] if labels == 2 else range(labels)
    lines = [_fit(shares[:, place], truth == place, seen) for place in places]
    return Chances(terms, lines, len(truth))


def _fit(shares: Array, came: Array, seen: Array) -> Line:
    """Fit by penalised maximum likelihood (Newton's steps, halved where they go too far)."""
    given, count = _given(shares, seen), seen.shape[1]
    penalty = np.array([LINE, LINE, *[SLOPES] * count, *[HEIGHTS] * count])
    began = np.zeros(len(penalty))
    began[0] = 1.0
    found, before = began, _loss(given @ began, came)
    inverse = np.diag(1 / penalty)
    for _ in range(_STEPS):
        chance = _sigmoid(given @ found)
        gradient = given.T @ (came - chance) - penalty * (found - began)
        bent = (given * (chance * (1 - chance))[:, None]).T @ given + np.diag(penalty)
        inverse = np.linalg.inv(bent)
        step = inverse @ gradient
        found, after = _stepped(found, step, lambda at: _total(given, came, penalty, began, at))
        if before - after < _ENOUGH * (1 + abs(before)):
            break
        before = after
    slope, height, rest = found[0], found[1], found[2:].tolist()
    spread = (float(inverse[0, 0]), float(inverse[0, 1]), float(inverse[1, 1]))
    return Line(float(slope), float(height), rest[:count], rest[count:], spread)


def _stepped(found: Array, step: Array, loss: Any) -> tuple[Array, float]:
    at, size = loss(found), 1.0
    while size > 1e-3:
        after = float(loss(found + size * step))
        if after <= at:
            return found + size * step, after
        size /= 2
    return found, float(at)


def _total(given: Array, came: Array, penalty: Array, began: Array, at: Array) -> float:
    return _loss(given @ at, came) + float((penalty * (at - began) ** 2).sum() / 2)


def _loss(odds: Array, came: Array) -> float:
    return float(np.sum(np.logaddexp(0, odds) - came * odds))


def _given(shares: Array, seen: Array) -> Array:
    odds = _odds(shares)[:, None]
    return np.concatenate([odds, np.ones_like(odds), seen * odds, seen], axis=1)


def _odds(shares: Array) -> Array:
    kept = np.clip(shares, LEAST, 1 - LEAST)
    odds: Array = np.log(kept / (1 - kept))
    return odds


def _sigmoid(odds: Array) -> Array:
    found: Array = 1 / (1 + np.exp(-np.clip(odds, -40, 40)))
    return found


def _nudged(line: Line, random: "np.random.Generator | None") -> Line:
    if random is None:
        return line
    first, both, second = line.spread
    drawn = random.multivariate_normal([0.0, 0.0], [[first, both], [both, second]])
    slope, height = line.slope + float(drawn[0]), line.height + float(drawn[1])
    return msgspec.structs.replace(line, slope=slope, height=height)


def _chance(line: Line, shares: Array, seen: Array) -> Array:
    odds = _odds(shares)
    slope = line.slope + seen @ np.array(line.slopes)
    # A score that means the opposite of what it says is noise.
    return _sigmoid(np.maximum(slope, 0.0) * odds + line.height + seen @ np.array(line.heights))
