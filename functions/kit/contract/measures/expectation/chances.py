"""Chances of labels that come true as often as they say, in all parts of the data.

A model that is right on the whole may be too sure where a column is high, and not sure enough
where it is low. When rows shift, that no longer evens out. So the logarithms of a model's
probabilities are scaled by a slope that hangs on the columns, and each label has a height; of two
labels that hangs on the columns, too. They are fitted with a penalty on rows that the model had not
seen: the fewer rows, the nearer to what the model says.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
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
"""A probability of 0 has no logarithm."""
# Penalties, in rows of information: of the line itself, and of what columns do to it.
LINE, HEIGHTS, SLOPES = 4.0, 20.0, 60.0
_STEPS, _ENOUGH, _SMALLEST = 30, 1e-8, 1e-3


class Chances(msgspec.Struct, frozen=True):
    """What mends a model's probabilities.

    Attributes:
        terms: of the columns.
        slope: of the logarithms.
        slopes: what each term adds to it.
        heights: added to each label's; the first of two is 0.
        tilts: what each term adds to the last one's of two; none of more.
        doubts: standard errors of the slope and of each height.
        rows: that it was learnt from.
    """

    terms: list[Term]
    slope: float
    slopes: list[float]
    heights: list[float]
    tilts: list[float]
    doubts: list[float]
    rows: int

    def apply(self, predicted: Array, columns: Mapping[str, ReadableColumn]) -> Array:
        """Return the chances of labels, [rows, labels], which add up to 1.

        Args:
            predicted: what the model says, likewise.
            columns: of the rows, by name.
        """
        return self.of(predicted, columns)(np.zeros(len(self.doubts)))

    def drawn(
        self,
        predicted: Array,
        columns: Mapping[str, ReadableColumn],
        random: "np.random.Generator",
        draws: int,
    ) -> Iterator[Array]:
        """Yield chances by slopes and heights that are as likely as these; takes `apply`'s."""
        chances = self.of(predicted, columns)
        for off in random.normal(0, 1, (draws, len(self.doubts))) * np.array(self.doubts):
            yield chances(off)

    def of(
        self, predicted: Array, columns: Mapping[str, ReadableColumn]
    ) -> Callable[[Array], Array]:
        """Return what gives the chances of rows where slope and heights are off by so much."""
        seen, logarithms = matrix(self.terms, columns, len(predicted)), _logarithms(predicted)
        slope, heights = self.slope + seen @ np.array(self.slopes), np.array(self.heights)
        tilt = np.zeros_like(logarithms)
        if self.tilts:
            tilt[:, -1] = seen @ np.array(self.tilts)

        def chances(off: Array) -> Array:
            # A score that means the opposite of what it says is noise.
            kept = np.maximum(slope + off[0], 0.0)[:, None]
            return _softmax(kept * logarithms + heights + off[1:] + tilt)

        return chances


def learn_chances(
    truth: Array, predicted: Array, columns: Sequence[ReadableColumn] = ()
) -> Chances | None:
    """Return what mends probabilities; None where fewer than 100 rows are there to tell.

    Args:
        truth: places of labels, [rows].
        predicted: probabilities of a model that had not seen the rows, [rows, labels].
        columns: of the rows, the most important first.
    """
    rows = len(truth)
    if rows < FEWEST_ROWS:
        return None
    terms = terms_of(columns)
    seen = matrix(terms, {one.name: one for one in columns}, rows)
    fit = _Fit(truth, _logarithms(predicted), seen)
    found, errors = fit.solve()
    slopes = 1 + len(terms)
    heights, tilts = fit.heights(found[slopes:])
    doubts = [float(errors[0]), *fit.heights(errors[slopes:])[0]]
    return Chances(terms, float(found[0]), found[1:slopes].tolist(), heights, tilts, doubts, rows)


class _Fit:
    """Penalised maximum likelihood, by Newton's steps, halved where they go too far.

    Parameters: slopes (its base, and of each term), then of two labels the last one's height and
    tilts, of more a height of each.
    """

    def __init__(self, truth: Array, logarithms: Array, seen: Array) -> None:
        rows, labels = logarithms.shape
        ones = np.ones((rows, 1))
        self._logarithms = logarithms
        self._came = np.eye(labels)[truth]
        self._slopes = np.concatenate([ones, seen], axis=1)
        self._is_binary = labels == 2
        self._tilts = self._slopes if self._is_binary else ones
        terms, tilted = seen.shape[1], 1 if self._is_binary else labels
        self._tilted = range(1, 2) if self._is_binary else range(labels)
        heights = [HEIGHTS] * terms if self._is_binary else []
        penalty = [LINE, *[SLOPES] * terms, *([LINE, *heights] * tilted)]
        self._penalty, self._began = np.array(penalty), np.zeros(len(penalty))
        self._began[0] = 1.0

    def heights(self, values: Array) -> tuple[list[float], list[float]]:
        """Return the heights of labels, and the tilts, out of the parameters behind the slopes."""
        if self._is_binary:
            return [0.0, float(values[0])], values[1:].tolist()
        return values.tolist(), []

    def solve(self) -> tuple[Array, Array]:
        """Return the parameters, and their standard errors."""
        found = self._began
        before, bent = self._loss(found), np.diag(self._penalty)
        for _ in range(_STEPS):
            gradient, bent = self._slope_and_bend(found)
            step, size = np.linalg.solve(bent, gradient), 1.0
            while size > _SMALLEST and self._loss(found + size * step) > before:
                size /= 2
            after = self._loss(found + size * step)
            if before - after < _ENOUGH * (1 + abs(before)):
                break
            found, before = found + size * step, after
        return found, np.sqrt(np.diag(np.linalg.inv(bent)))

    def _odds(self, at: Array) -> Array:
        count = self._slopes.shape[1]
        found = (self._slopes @ at[:count])[:, None] * self._logarithms
        tilts = at[count:].reshape(len(self._tilted), -1)
        for place, label in enumerate(self._tilted):
            found[:, label] += self._tilts @ tilts[place]
        return found

    def _loss(self, at: Array) -> float:
        odds = self._odds(at)
        top = odds.max(axis=1)
        whole = top + np.log(np.exp(odds - top[:, None]).sum(axis=1))
        likely = float((whole - (odds * self._came).sum(axis=1)).sum())
        return likely + float((self._penalty * (at - self._began) ** 2).sum() / 2)

    def _slope_and_bend(self, at: Array) -> tuple[Array, Array]:
        """Return how the likelihood rises, and how it is bent (with the penalty)."""
        chances = _softmax(self._odds(at))
        left, logs = self._came - chances, self._logarithms
        mean = (chances * logs).sum(axis=1)
        away = logs - mean[:, None]
        gradient = [self._slopes.T @ (left * logs).sum(axis=1)]
        gradient += [self._tilts.T @ left[:, label] for label in self._tilted]
        apart = (chances * away**2).sum(axis=1)
        corner = (self._slopes * apart[:, None]).T @ self._slopes
        side = [
            (self._slopes * (chances[:, label] * away[:, label])[:, None]).T @ self._tilts
            for label in self._tilted
        ]
        rest = [
            [self._together(chances, one, other) for other in self._tilted] for one in self._tilted
        ]
        wide = np.concatenate(side, axis=1)
        bent = np.block([[corner, wide], [wide.T, np.block(rest)]])
        whole = np.concatenate(gradient) - self._penalty * (at - self._began)
        return whole, bent + np.diag(self._penalty)

    def _together(self, chances: Array, one: int, other: int) -> Array:
        weights = chances[:, one] * ((one == other) - chances[:, other])
        found: Array = (self._tilts * weights[:, None]).T @ self._tilts
        return found


def _logarithms(predicted: Array) -> Array:
    found: Array = np.log(np.clip(normalized(predicted), LEAST, 1.0))
    return found


def _softmax(odds: Array) -> Array:
    shares = np.exp(odds - odds.max(axis=1, keepdims=True))
    found: Array = shares / shares.sum(axis=1, keepdims=True)
    return found
