"""Cross-validation one fold at a time, so that a killed candidate carries on where it was."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from functions.training.learning.candidates.algorithms import Choice
from functions.training.learning.candidates.fitted_model import fit_model
from functions.training.learning.candidates.sampling import sample
from functions.training.learning.evaluation.metrics import Metrics, measure
from functions.training.learning.plan import Plan


@dataclass(frozen=True)
class FoldResult:
    """What a candidate made of one fold.

    Attributes:
        metrics: measures on the fold's rows, which it was not fitted on.
        predictions: of those rows: probabilities [rows, labels], or numbers [rows].
    """

    metrics: Metrics
    predictions: NDArray[np.float64]


def run_fold(
    plan: Plan,
    choice: Choice,
    *,
    fold: int,
    rows: int | None = None,
    seed: int,
    stop: Callable[[], bool] | None = None,
) -> FoldResult:
    """Fit `choice` on all folds but one and measure it on that one.

    Args:
        plan: the job's data.
        choice: what is fitted.
        fold: the place of the fold in `plan.folds`.
        rows: how many rows to fit on at most, drawn so that no class is lost; None: all.
        seed: makes what is random repeatable.
        stop: asked now and then whether to end before it is done.

    Raises:
        Stopped: `stop` said so.
        TooMuch: there are more rows than the algorithm is made for.
    """
    fitting, testing = plan.folds[fold]
    if rows is not None:
        fitting = sample(fitting, plan.train.target, plan.task, rows, seed)
    model = fit_model(plan, choice, fitting, seed=seed, stop=stop)
    tested = plan.train.take(testing)
    predicted = model.predict(tested.inputs)
    return FoldResult(measure(plan.task, tested.target, predicted), predicted)


def out_of_fold(
    plan: Plan, folds: list[NDArray[np.float64]], count: int
) -> list[NDArray[np.float64]]:
    """Put the predictions of folds where their rows are among the training rows.

    Args:
        plan: the job's data.
        folds: predictions of the plan's first ones; those of a way to deal rows out that was not
            done to its end are passed over.
        count: folds of one way to deal rows out.

    Returns:
        For each way to deal rows out, predictions [rows, labels], or [rows]; rows that no fold
        tests (the earliest, of folds by time) are NaN.
    """
    ends = range(count, len(folds) + 1, count)
    return [_placed(plan, folds, range(end - count, end)) for end in ends]


def _placed(plan: Plan, folds: list[NDArray[np.float64]], places: range) -> NDArray[np.float64]:
    found = np.full((plan.train.rows, *folds[0].shape[1:]), np.nan)
    for place in places:
        found[plan.folds[place][1]] = folds[place]
    return found
