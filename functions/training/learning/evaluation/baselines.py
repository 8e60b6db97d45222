"""What simpler models would have said of the held-out rows: what a model is worth beside them."""

import numpy as np
import structlog
from numpy.typing import NDArray

from functions.kit.contract.models.signature import Task
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
    known = _told(plan, train)
    share = known.mean(axis=0)
    before = _before(train, held_out, np.concatenate([known, _told(plan, held_out)]))
    before = np.where(np.isnan(before), share, before)
    if plan.task == "regression":
        return before[train.rows :, 0]
    # As if each class had followed itself, or another, once more by its share.
    follows = before[: train.rows].T @ known + share
    found: Floats = before[train.rows :] @ (follows / follows.sum(axis=1, keepdims=True))
    return found


def _told(plan: Plan, rows: Rows) -> Floats:
    """Return the target as columns: the number, or 1 for the label that it is, [rows, columns]."""
    if plan.task == "regression":
        return np.reshape(rows.target.astype(np.float64), (-1, 1))
    found: Floats = np.eye(len(plan.signature.labels))[rows.target]
    return found


def _before(train: Rows, held_out: Rows, values: Floats) -> Floats:
    """Return the mean of each row's latest moment before; NaN for the first of a group.

    Args:
        train: rows, of which some are in groups.
        held_out: more of them.
        values: of both, [rows, columns].
    """
    groups = np.concatenate([_groups(one) for one in (train, held_out)])
    times = np.concatenate([_times(one) for one in (train, held_out)])
    series, moment = (np.unique(one, return_inverse=True)[1] for one in (groups, times))
    count = int(moment.max()) + 1
    moments, of_row, sizes = np.unique(
        series * count + moment, return_inverse=True, return_counts=True
    )
    means = np.zeros((len(moments), values.shape[1]))
    np.add.at(means, of_row, values)
    means /= sizes[:, None]
    last = np.full_like(means, np.nan)
    follows = np.flatnonzero(moments[1:] // count == moments[:-1] // count) + 1
    last[follows] = means[follows - 1]
    found: Floats = last[of_row]
    return found


def _groups(rows: Rows) -> NDArray[np.uint64]:
    return np.zeros(rows.rows, np.uint64) if rows.groups is None else rows.groups


def _times(rows: Rows) -> Floats:
    """Return when rows were; those of which nobody knows were first."""
    return np.nan_to_num(np.zeros(rows.rows) if rows.times is None else rows.times, nan=-np.inf)
