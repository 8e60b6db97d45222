"""What is made of the candidates that went all the way: an ensemble of the best, or one of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import structlog
from numpy.typing import NDArray

from functions.kit.contract.errors import Transient
from functions.kit.contract.ports import Bucket
from functions.training.learning.candidates.algorithms import Choice, in_words
from functions.training.learning.candidates.crossvalidation import out_of_fold
from functions.training.learning.candidates.fitted_model import FittedModel
from functions.training.learning.ensembles import selection
from functions.training.learning.ensembles.affordable import affordable
from functions.training.learning.plan import Plan
from functions.training.model import search
from functions.training.model.jobs import Candidate, Job, Member
from functions.training.service.step_kinds import assembling, predictions
from functions.training.service.step_kinds.assembling import Assembled
from functions.training.service.step_kinds.base import reason

log = structlog.get_logger()

# A learning curve is drawn where fitting again takes no longer: training rows, seconds a fold.
CURVE_ROWS = 10_000
CURVE_SECONDS = 0.3
# For all members together: the final step is one HTTP call, which gateways give up after ten
# minutes, and has more to do.
REFIT_SECONDS = 240.0

Weights = dict[int, float]
OutOfFold = Mapping[int, NDArray[np.float64]]


@dataclass(frozen=True)
class Final:
    """A model that may be registered, and what there is to know of it."""

    made: Assembled
    members: list[Member]
    notes: list[str]


def make(plan: Plan, job: Job, files: Bucket) -> Final:
    """Make the model: of the ensemble that does best, else of the best candidate that can be made.

    Raises:
        Exception: what the last one to be tried met; none can be made.
    """
    return _Making(plan, job, files).final()


def ranking(job: Job) -> list[Candidate]:
    """Return those candidates that went all the way, the best first; of equals the first."""
    done = [one for one in job.candidates if one.state == "succeeded"]
    return sorted(done, key=lambda one: (-(one.score or 0.0), one.index))


class _Making:
    """Tries one set of members after the other, and notes what is left out, and why."""

    def __init__(self, plan: Plan, job: Job, files: Bucket) -> None:
        self._plan = plan
        self._job = job
        self._ranked = ranking(job)
        self._notes = search.notes(job)
        self._fitted: dict[int, FittedModel] = {}
        self._known = _out_of_fold(plan, self._ranked, files)

    def final(self) -> Final:
        last: Exception = ValueError(f"job {self._job.id} has no candidate that went all the way")
        for weights in self._tries():
            try:
                made = self._assemble(weights)
            except Transient:
                raise
            except Exception as error:  # noqa: BLE001 - the next one may do
                self._leave_out(weights, error)
                last = error
                continue
            members = [Member(index, weight) for index, weight in weights.items()]
            return Final(made, members, self._notes)
        raise last

    def _tries(self) -> Iterator[Weights]:
        """Yield members with weights: the ensemble, then each candidate alone, the best first."""
        if self._job.request.ensemble and len(self._known) > 1:
            weights = self._in_time(self._selected())
            if len(weights) > 1:
                yield weights
        for one in self._ranked:
            yield {one.index: 1.0}

    def _selected(self) -> Weights:
        train, request = self._plan.train, self._job.request
        return selection.select(
            self._known,
            train.target,
            self._plan.task,
            measure=request.measure,
            weights=train.weights,
            seed=request.seed,
        )

    def _in_time(self, weights: Weights) -> Weights:
        """Leave members out that would take too long to fit again, and say so."""
        seconds = {index: _refit_seconds(self._job.candidates[index]) for index in weights}
        kept = affordable(weights, seconds, REFIT_SECONDS)
        for index in weights.keys() - kept.keys():
            name = in_words(self._job.candidates[index].algorithm)
            self._notes.append(
                f"{name} is left out of the ensemble: to fit it on all rows would take about "
                f"{seconds[index]:.0f} s, and all members together may take {REFIT_SECONDS:.0f} s."
            )
        return kept

    def _assemble(self, weights: Weights) -> Assembled:
        members = [(weight, self._fit(index)) for index, weight in weights.items()]
        known = all(index in self._known for index in weights)
        predicted = selection.mean(self._known, weights) if known else None
        curve = self._curve(max(weights, key=lambda index: weights[index]))
        return assembling.assemble(self._plan, members, predicted, self._job.request, curve)

    def _curve(self, index: int) -> Choice | None:
        """Return what a learning curve is drawn of, where it is fitted fast enough."""
        one = self._job.candidates[index]
        is_fast = self._plan.train.rows <= CURVE_ROWS and _refit_seconds(one) <= CURVE_SECONDS
        return one.choice if is_fast else None

    def _fit(self, index: int) -> FittedModel:
        """Fit a candidate on all training rows, once."""
        if index not in self._fitted:
            choice = self._job.candidates[index].choice
            self._fitted[index] = assembling.fit(self._plan, choice, self._job.request.seed)
        return self._fitted[index]

    def _leave_out(self, weights: Weights, error: Exception) -> None:
        log.warning("left out", job=self._job.id, members=list(weights), exc_info=error)
        names = " + ".join(in_words(self._job.candidates[index].algorithm) for index in weights)
        self._notes.append(
            f"{names} could not be made into a model, and is left out: {reason(error)}"
        )


def _refit_seconds(candidate: Candidate) -> float:
    """Return what fitting on all rows takes, about, by what its folds, of fewer rows, took."""
    took = [one.seconds for one in candidate.results]
    return max(took, default=0.0) * candidate.folds / (candidate.folds - 1)


def _out_of_fold(plan: Plan, ranked: list[Candidate], files: Bucket) -> OutOfFold:
    """Return the predictions that candidates kept of the training rows; of some, perhaps none."""
    found = {}
    ends = np.cumsum([len(testing) for _, testing in plan.folds])[:-1]
    for one in ranked:
        if one.files:
            folds = np.split(predictions.read(files, one.files), ends)
            found[one.index] = out_of_fold(plan, folds)
    return found
