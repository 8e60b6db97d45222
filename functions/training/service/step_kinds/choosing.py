"""What the model is to be made of: an ensemble of the best candidates, or the best alone."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from functions.kit.contract.ports import Bucket
from functions.training.learning.candidates.algorithms import in_words
from functions.training.learning.candidates.crossvalidation import out_of_fold
from functions.training.learning.ensembles import selection, twins
from functions.training.learning.ensembles.affordable import affordable
from functions.training.learning.plan import Plan
from functions.training.model import search
from functions.training.model.jobs import Candidate, Job, Member
from functions.training.service.step_kinds import predictions

# What fitting all members again may take, by what their folds took: the model is waited for.
REFIT_SECONDS = 240.0

Weights = dict[int, float]
OutOfFold = Mapping[int, list[NDArray[np.float64]]]
"""Candidate → its predictions of the training rows, by each way to deal these out to folds."""


class Chosen(NamedTuple):
    """Members, the heaviest first, and what is to be said of what is not among them."""

    members: list[Member]
    notes: list[str]


def choose(plan: Plan, job: Job, files: Bucket) -> Chosen:
    """Choose among the candidates that went all the way and were not left out since.

    Raises:
        ValueError: there is none.
    """
    ranked = ranking(job)
    if not ranked:
        raise ValueError(f"job {job.id} has no candidate that went all the way")
    notes = [*plan.notes, *search.notes(job), *_left_out(job)]
    weights = {ranked[0].index: 1.0}
    if job.request.ensemble and job.apart is None:
        known = known_of(plan, ranked, files, job.request.folds)
        if len(known) > 1:
            weights, late = _in_time(plan, job, _selected(plan, job, known))
            notes += late
    if len(weights) == 1:
        weights = {ranked[0].index: 1.0}
    return Chosen([Member(index, weight) for index, weight in weights.items()], notes)


def ranking(job: Job) -> list[Candidate]:
    """Return those candidates that went all the way, the best first; of equals the first."""
    done = [one for one in job.candidates if one.state == "succeeded"]
    return sorted(done, key=lambda one: (-(one.score or 0.0), one.index))


def refit_seconds(candidate: Candidate, folds: int) -> float:
    """Return what fitting on all rows takes, about, by what its folds, of fewer rows, took."""
    took = [one.seconds for one in candidate.results]
    return max(took, default=0.0) * folds / (folds - 1)


def known_of(plan: Plan, candidates: list[Candidate], files: Bucket, folds: int) -> OutOfFold:
    """Return the predictions that candidates kept of the training rows; of some, perhaps none."""
    found = {}
    for one in candidates:
        if one.files:
            ends = np.cumsum([len(testing) for _, testing in plan.folds[: one.folds_done]])[:-1]
            each = np.split(predictions.read(files, one.files), ends)
            found[one.index] = out_of_fold(plan, each, folds)
    return found


def _selected(plan: Plan, job: Job, known: OutOfFold) -> Weights:
    """Return the members' weights; what not all have, for lack of time, tells nothing."""
    repeats = min(len(one) for one in known.values())
    ways = [{index: each[way] for index, each in known.items()} for way in range(repeats)]

    def selected(way: Mapping[int, NDArray[np.float64]]) -> Weights:
        return selection.select(
            way,
            plan.train.target,
            plan.task,
            measure=job.request.measure,
            weights=plan.train.weights,
            seed=job.request.seed,
        )

    return selection.select_over(ways, selected)


def _in_time(plan: Plan, job: Job, weights: Weights) -> tuple[Weights, list[str]]:
    """Leave members out that would take too long to fit again, and say so."""
    larger = twins.fits(plan, refit=job.request.refit) * plan.fitted_rows / plan.train.rows
    folds = job.request.folds
    seconds = {index: larger * refit_seconds(job.candidates[index], folds) for index in weights}
    kept = affordable(weights, seconds, REFIT_SECONDS)
    names = {index: in_words(job.candidates[index].algorithm) for index in weights}
    notes = [
        f"{names[index]} is left out of the ensemble: to fit it on all rows would take about "
        f"{seconds[index]:.0f} s, and all members together may take {REFIT_SECONDS:.0f} s."
        for index in weights.keys() - kept.keys()
    ]
    return kept, notes


def _left_out(job: Job) -> list[str]:
    """Say which candidates went all the way and were left out since, and why."""
    notes = [
        f"{in_words(one.algorithm)} is left out of the model: it {one.failure}"
        for one in job.candidates
        if one.order is not None and one.state == "failed"
    ]
    if job.apart is not None:
        notes.append(
            "The best candidates could not be put together, so that the best alone is the model: "
            f"{job.apart}"
        )
    return notes
