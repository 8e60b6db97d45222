"""Every measure of a task, once or for many weightings of the rows at once."""

from typing import TYPE_CHECKING, Any

from functions.kit.contract.measures.labels import choose, label_measures
from functions.kit.contract.measures.names import EVERY, Metrics
from functions.kit.contract.measures.probabilities import probability_measures
from functions.kit.contract.measures.quantities import quantity_measures
from functions.kit.contract.measures.ranking import ranking_measures
from functions.kit.contract.models.certainty import normalized
from functions.kit.contract.models.signature import Task
from functions.kit.lazy import Lazy

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[Any]
else:
    np = Lazy("numpy")
    Array = Any

_RANKING = frozenset({"roc_auc", "average_precision"})
_PROBABILITIES = frozenset({"log_loss", "brier", "ece"})


def measure(
    task: Task,
    truth: Array,
    predicted: Array,
    weights: Array | None = None,
    threshold: float | None = None,
) -> Metrics:
    """Return every measure of the task that is defined on these rows.

    Args:
        task: what is predicted.
        truth: places of the labels, or numbers, shape [rows].
        predicted: probabilities [rows, labels] for classes, numbers [rows] for a regression.
        weights: how much each row counts, [rows]; all alike by default.
        threshold: of two labels, the least probability of the last that is called so.
    """
    counted = np.ones(len(truth)) if weights is None else weights
    found = weighted(task, truth, predicted, counted[None, :], threshold)
    return {name: float(values[0]) for name, values in found.items() if np.isfinite(values[0])}


def weighted(
    task: Task,
    truth: Array,
    predicted: Array,
    weights: Array,
    threshold: float | None = None,
    only: frozenset[str] = EVERY,
) -> dict[str, Array]:
    """Return the measures as `measure` does, one number for each row of `weights`.

    NaN stands where one is not defined. Measures outside `only` may be missing.
    """
    if task == "regression":
        return quantity_measures(truth, predicted.reshape(-1), weights)
    shares = normalized(predicted)
    found: dict[str, Array] = {}
    if not only <= (_RANKING | _PROBABILITIES):
        # As it is served: not divided.
        chosen = choose(predicted, threshold)
        found |= label_measures(truth, chosen, shares.shape[1], weights)
    if not _RANKING.isdisjoint(only):
        # Dividing would part what is tied.
        found |= ranking_measures(truth, predicted.astype(np.float64), weights)
    if not _PROBABILITIES.isdisjoint(only):
        found |= probability_measures(truth, shares, weights, only)
    return found
