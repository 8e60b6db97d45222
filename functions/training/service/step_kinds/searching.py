"""The seam between jobs and what learns: all that steps ask of `learning/`, in a job's terms."""

from functions.training.learning.candidates import algorithms, crossvalidation
from functions.training.learning.candidates.crossvalidation import FoldResult
from functions.training.learning.candidates.portfolio import portfolio
from functions.training.learning.candidates.rungs import rungs
from functions.training.learning.evaluation import metrics
from functions.training.learning.plan import Plan
from functions.training.model.jobs import Candidate, Fold, Rung, Search, Summary
from functions.training.model.requests.spec import JobRequest
from functions.training.service.checks import candidates_for


def search(plan: Plan, request: JobRequest) -> Search:
    """Return what to try, and in which rounds.

    Raises:
        Invalid: it cannot do the task.
    """
    choices = candidates_for(request, plan.task)
    if request.candidates is not None:
        choices = choices[: request.trials]
        return Search(choices, [_whole(request, len(choices))], request.search_seconds)
    rows, labels = plan.fitted_rows, max(2, len(plan.signature.labels))
    features = len(plan.signature.features)
    listed = portfolio(plan.task, rows, features, request, labels=labels)
    choices = [algorithms.complete(one) for one in listed] or choices[: request.trials]
    rounds = rungs(plan.train.rows, len(choices), request, len(plan.folds))
    looks = [Rung(one.rows, one.folds, one.keep) for one in rounds]
    return Search(choices, looks, request.search_seconds)


def _whole(request: JobRequest, count: int) -> Rung:
    return Rung(None, request.folds, count)


def rows_to_fit(plan: Plan) -> int:
    """Return how many rows a fold is fitted on, about."""
    return plan.train.rows


def run_fold(plan: Plan, candidate: Candidate, fold: int, request: JobRequest) -> FoldResult:
    """Fit a candidate on all folds but one, as its rung says, and measure it on that one."""
    return crossvalidation.run_fold(
        plan, candidate.choice, fold=fold, rows=candidate.rows, seed=request.seed
    )


def summary(plan: Plan, results: list[Fold], request: JobRequest) -> Summary:
    """Return what a candidate's folds of a rung say together."""
    folds = [one.metrics for one in results]
    mean = metrics.average(folds)
    score = metrics.score(plan.task, mean, request.measure)
    return Summary(mean, metrics.spread(folds), score)
