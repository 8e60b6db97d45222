"""What simpler models would have said of the held-out rows: what a model is worth beside them."""

from typing import Any

import numpy as np
import structlog
from numpy.typing import NDArray

from functions.kit.contract.signature import Task
from functions.training.learning.candidates.algorithms import Choice
from functions.training.learning.candidates.fitted_model import fit_model
from functions.training.learning.candidates.sampling import sample
from functions.training.learning.plan import Plan
from functions.training.learning.rows import Rows

log = structlog.get_logger()

Floats = NDArray[np.float64]

LINEAR: dict[Task, Choice] = {
    "binary": Choice("logistic_regression", {"max_iter": 200}),
    "multiclass": Choice("logistic_regression", {"max_iter": 200}),
    "regression": Choice("ridge"),
}
# More rows make a linear model no better, and cost time.
LINEAR_ROWS = 5_000


def prior(plan: Plan) -> Floats:
    """Return what a model predicts that knows the target's mean, or the classes' shares, alone."""
    rows, told = plan.held_out.rows, _told(plan, plan.train).mean(axis=0)
    return np.full(rows, told[0]) if plan.task == "regression" else np.tile(told, (rows, 1))


def others(plan: Plan, seed: int) -> dict[str, Floats]:
    """Return what other simple models predict for the held-out rows, by name.

    "linear": a linear model; left out where it cannot be fitted. "previous": what came last, where
    rows are split by time.
    """
    found = {"linear": _linear(plan, seed)}
    if plan.held_out.times is not None:
        found["previous"] = previous(plan)
    return {name: predicted for name, predicted in found.items() if predicted is not None}


def _linear(plan: Plan, seed: int) -> Floats | None:
    every = np.arange(plan.train.rows)
    some = sample(every, plan.train.target, plan.task, LINEAR_ROWS, seed)
    places = some if len(some) < len(every) else None
    try:
        return fit_model(plan, LINEAR[plan.task], places, seed=seed).predict(plan.held_out.inputs)
    except Exception as error:  # an algorithm's own; a model that is whole is worth more
        log.warning("no linear model beside the others", exc_info=error)
        return None


def previous(plan: Plan) -> Floats:
    """Return yesterday's value for each held-out row: the mean of the latest moment before it.

    Of its own group, where there are some. Of classes, what usually follows on yesterday's: by
    the training rows. Rows that nothing was before get the prior.
    """
    train, held_out = plan.train, plan.held_out
    values = np.concatenate([_told(plan, train), _told(plan, held_out)])
    before = _before(_series(train, held_out), values)
    share = _told(plan, train).mean(axis=0)
    if plan.task == "regression":
        found = np.where(np.isnan(before), share, before)
        return found[train.rows :, 0]
    before = np.where(np.isnan(before), share, before)
    # As if each class had followed itself, or another, once more by its share.
    follows = before[: train.rows].T @ values[: train.rows] + share
    follows /= follows.sum(axis=1, keepdims=True)
    return before[train.rows :] @ follows


def _told(plan: Plan, rows: Rows) -> Floats:
    """Return the target as columns: the number, or 1 for the label that it is, [rows, columns]."""
    if plan.task == "regression":
        return rows.target.astype(np.float64)[:, None]
    return np.eye(len(plan.signature.labels))[rows.target]


def _series(train: Rows, held_out: Rows) -> NDArray[Any]:
    """Return the group and the moment of each row, as one value that can be ordered."""
    both = (train, held_out)
    times = np.concatenate([np.zeros(0) if one.times is None else one.times for one in both])
    groups = [np.zeros(one.rows, np.uint64) if one.groups is None else one.groups for one in both]
    return np.rec.fromarrays(
        [np.concatenate(groups), np.where(np.isnan(times), -np.inf, times)], names="group,moment"
    )


def _before(series: NDArray[Any], values: Floats) -> Floats:
    """Return the mean of each row's latest moment before; NaN for the first of a group."""
    moments, of_row, sizes = np.unique(series, return_inverse=True, return_counts=True)
    means = np.zeros((len(moments), values.shape[1]))
    np.add.at(means, of_row, values)
    means /= sizes[:, None]
    last = np.full_like(means, np.nan)
    follows = moments["group"][1:] == moments["group"][:-1]
    last[1:][follows] = means[:-1][follows]
    found: Floats = last[of_row]
    return found
