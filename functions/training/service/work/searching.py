"""The seam between jobs and what learns: all that steps ask of `learning/`, in a job's terms."""

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from functions.training.learning.candidates import crossvalidation
from functions.training.learning.evaluation import metrics
from functions.training.learning.plan import Plan
from functions.training.model import measures
from functions.training.model.jobs import Candidate, Fold, Rung, Search, Summary
from functions.training.model.spec import JobRequest
from functions.training.service.checks import candidates_for


@dataclass(frozen=True)
class FoldResult:
    """What one fold gave: measures, and predictions of its test rows where they are kept."""

    metrics: dict[str, float]
    predictions: NDArray[Any] | None = None


def search(plan: Plan, request: JobRequest) -> Search:
    """Return what to try, and in which rounds.

    Raises:
        Invalid: it cannot do the task.
    """
    choices = candidates_for(request, plan.task)[: request.trials]
    rungs = [Rung(None, request.folds, len(choices))]
    return Search(choices, rungs, request.search_seconds)


def rows_to_fit(plan: Plan) -> int:
    """Return how many rows a fold is fitted on, about."""
    return plan.train.rows


def run_fold(plan: Plan, candidate: Candidate, fold: int, request: JobRequest) -> FoldResult:
    """Fit a candidate on all folds but one, as its rung says, and measure it on that one."""
    found = crossvalidation.run_fold(
        plan, candidate.choice, fold=fold, count=request.folds, seed=request.seed
    )
    return FoldResult(found)


def summary(plan: Plan, results: list[Fold], request: JobRequest) -> Summary:
    """Return what a candidate's folds of a rung say together."""
    folds = [one.metrics for one in results]
    mean = metrics.average(folds)
    if request.measure is None:
        score = metrics.score(plan.task, mean)
    else:
        score = measures.score(plan.task, mean, request.measure)
    return Summary(mean, metrics.spread(folds), score)
