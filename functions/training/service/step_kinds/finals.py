"""The model of the members that are made."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from functions.kit.contract.ports import Bucket
from functions.training.learning.candidates.algorithms import Choice
from functions.training.learning.ensembles import selection
from functions.training.learning.plan import Plan
from functions.training.model.jobs import Job
from functions.training.service.step_kinds import assembling, predictions
from functions.training.service.step_kinds.assembling import Assembled
from functions.training.service.step_kinds.choosing import known_of, refit_seconds

# A learning curve is drawn where fitting again takes no longer: training rows, seconds a fold.
CURVE_ROWS = 10_000
CURVE_SECONDS = 0.3


def make(plan: Plan, job: Job, files: Bucket) -> Assembled:
    """Put the members of a job together, prove and evaluate what comes of it.

    Raises:
        FileNotFoundError: a member is gone.
        Exception: what the libraries met.
    """
    weights = {one.candidate: one.weight for one in job.members}
    members = [
        (weight, predictions.read_member(files, job.candidates[index].made or ""))
        for index, weight in weights.items()
    ]
    curve = _curve(plan, job, job.heaviest)
    known = _out_of_fold(plan, job, weights, files)
    return assembling.assemble(plan, members, known, job.request, curve)


def _out_of_fold(
    plan: Plan, job: Job, weights: Mapping[int, float], files: Bucket
) -> NDArray[np.float64] | None:
    """Return what the members predicted of the training rows together; None where one did not."""
    known = known_of(plan, [job.candidates[index] for index in weights], files, job.request.folds)
    if len(known) < len(weights):
        return None
    # Of the first way to deal rows out alone: what one model says of a row, as the one served will.
    return selection.mean({one: repeats[0] for one, repeats in known.items()}, dict(weights))


def _curve(plan: Plan, job: Job, index: int) -> Choice | None:
    """Return what a learning curve is drawn of, where it is fitted fast enough."""
    one = job.candidates[index]
    is_fast = (
        plan.fitted_rows <= CURVE_ROWS and refit_seconds(one, job.request.folds) <= CURVE_SECONDS
    )
    return one.choice if is_fast else None
