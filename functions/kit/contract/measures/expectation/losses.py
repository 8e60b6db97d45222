"""How wrong a regression is likely to be in a row: the logarithm of each loss, by the columns."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from functions.kit.contract.measures.expectation.terms import Term, matrix, terms_of
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
# Penalty of what a column does, in rows of information.
PENALTY = 40.0
# What shares of the rows have more extreme an expectation is not believed.
ENDS = (0.005, 0.995)
_STEPS, _ENOUGH = 30, 1e-8
LOSSES = ("square", "mae", "pinball_10", "pinball_90", "mape")


class Loss(msgspec.Struct, frozen=True):
    """One kind of loss: its logarithm as a sum.

    Attributes:
        base: of all rows.
        by_spread: for the logarithm of a row's spread, where the model gives one.
        weights: what each term adds.
        least: of the logarithm.
        most: likewise.
        scatter: variance of a row's loss over the square of what is expected of it.
    """

    base: float
    by_spread: float
    weights: list[float]
    least: float
    most: float
    scatter: float


class Losses(msgspec.Struct, frozen=True):
    """How wrong a model is likely to be.

    Attributes:
        terms: of the columns.
        of: by kind of loss; "mape" only where no truth was 0.
        rows: that it was learnt from.
        scaled: whether it needs the spread that the model gives.
    """

    terms: list[Term]
    of: dict[str, Loss]
    rows: int
    scaled: bool = False

    def apply(
        self, rows: int, columns: Mapping[str, ReadableColumn], spread: Array | None
    ) -> dict[str, Array]:
        """Return what is expected of each row by kind of loss, [rows] each."""
        seen = matrix(self.terms, columns, rows)
        wide = np.zeros(rows) if spread is None or not self.scaled else np.log(spread)
        return {
            name: np.exp(np.clip(_logarithm(one, seen, wide), one.least, one.most))
            for name, one in self.of.items()
        }


def losses_of(truth: Array, predicted: Array) -> dict[str, Array]:
    """Return each row's losses by kind, [rows] each; "mape" where no truth is 0."""
    error = truth.astype(np.float64) - predicted
    found = {
        "square": error**2,
        "mae": np.abs(error),
        "pinball_10": np.maximum(0.1 * error, -0.9 * error),
        "pinball_90": np.maximum(0.9 * error, -0.1 * error),
    }
    if (truth != 0).all():
        found["mape"] = np.abs(error) / np.abs(truth)
    return found


def learn_losses(
    truth: Array,
    predicted: Array,
    columns: Sequence[ReadableColumn] = (),
    spread: Array | None = None,
) -> Losses | None:
    """Return how wrong a model is likely to be; None where it is never, or of fewer than 100 rows.

    Args:
        truth: numbers, [rows].
        predicted: by a model that had not seen the rows, [rows].
        columns: of the rows, the most important first.
        spread: how far off it says that it may be, [rows], above 0; None where it does not.
    """
    rows = len(truth)
    found = losses_of(truth, predicted) if rows >= FEWEST_ROWS else {}
    if not found or not found["mae"].max() > 0:
        return None
    terms = terms_of(columns)
    seen = matrix(terms, {one.name: one for one in columns}, rows)
    wide = np.zeros(rows) if spread is None else np.log(spread)
    power = {"square": 2.0}
    of = {
        name: _fit(values, seen, wide, 0.0 if spread is None else power.get(name, 1.0))
        for name, values in found.items()
    }
    return Losses(terms, of, rows, spread is not None)


def _fit(values: Array, seen: Array, wide: Array, power: float) -> Loss:
    """Fit the expectation by the quasi-likelihood of Poisson: its sum is that of the losses."""
    usual = float(values.mean())
    scaled, count = values / usual, seen.shape[1]
    given = np.concatenate([np.ones((len(values), 1)), wide[:, None], seen], axis=1)
    began = np.zeros(2 + count)
    began[1] = power
    began[0] = -np.log(np.mean(np.exp(power * wide)))
    fixed = 1e12 if power == 0 else PENALTY
    penalty = np.array([0.0, fixed, *[PENALTY] * count])
    found = began
    for _ in range(_STEPS):
        mean = np.exp(np.clip(given @ found, -30, 30))
        gradient = given.T @ (scaled - mean) - penalty * (found - began)
        bent = (given * mean[:, None]).T @ given + np.diag(penalty)
        step = np.linalg.solve(bent, gradient)
        step *= min(1.0, 1.0 / max(float(np.abs(step).max()), 1e-12))
        found = found + step
        if float(np.abs(step).max()) < _ENOUGH:
            break
    return _bounded(found, given, values, usual)


def _bounded(found: Array, given: Array, values: Array, usual: float) -> Loss:
    logarithm = given @ found + np.log(usual)
    least, most = np.quantile(logarithm, ENDS)
    expected = np.exp(np.clip(logarithm, least, most))
    scatter = float(np.mean((values / expected - 1) ** 2))
    base = float(found[0] + np.log(usual))
    return Loss(base, float(found[1]), found[2:].tolist(), float(least), float(most), scatter)


def _logarithm(one: Loss, seen: Array, wide: Array) -> Array:
    found: Array = one.base + one.by_spread * wide + seen @ np.array(one.weights)
    return found
