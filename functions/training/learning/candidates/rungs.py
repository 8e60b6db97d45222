"""Successive halving: many candidates see little, few see all."""

import math
from dataclasses import dataclass

from functions.training.model.requests.spec import Budget, JobRequest

# Rows of the first look, and how many more each following one takes.
FIRST_ROWS = 2_000
GROWTH = 4
# Candidates that see all rows and folds, by budget: these make the ensemble.
LAST: dict[Budget, int] = {"fast": 5, "balanced": 8, "thorough": 16}
# So many rows are few enough to show all to every candidate that the budget tries.
SMALL: dict[Budget, int] = {"fast": 600, "balanced": 2_500, "thorough": 2_500}

# Training rows up to which those that go on are measured on all of a plan's ways to deal rows out.
REPEATED: dict[Budget, int] = {"fast": 1_000, "balanced": 2_500, "thorough": 5_000}

# Candidates that a first look at one fold of a small table lets go on, at least: few test rows say
# little of which is best, and fewer make worse ensembles (measured).
LEAST_OF_SMALL = 6


@dataclass(frozen=True)
class Rung:
    """One round of the search.

    Attributes:
        rows: to fit on, in each fold; None: all, and the next rung need not do these folds again.
        folds: how many of the plan's, from the first on.
        keep: how many candidates go on to the next rung; of the last, all that were tried.
    """

    rows: int | None
    folds: int
    keep: int


def rungs(rows: int, count: int, request: JobRequest, folds: int | None = None) -> list[Rung]:
    """Return the rounds; the last is over all rows and folds.

    Args:
        rows: training rows that there are.
        count: candidates to begin with.
        request: its folds and budget.
        folds: that the plan has, with those of further ways to deal rows out; those of the request
            alone by default.
    """
    found = _once(rows, count, request)
    if folds is None or folds <= request.folds or rows > REPEATED[request.budget]:
        return found
    last = min(found[-1].keep, max(LAST[request.budget], LEAST_OF_SMALL))
    return [*found[:-1], Rung(None, request.folds, last), Rung(None, folds, last)]


def _once(rows: int, count: int, request: JobRequest) -> list[Rung]:
    """Return the rounds over one way to deal rows out."""
    last, folds = LAST[request.budget], request.folds
    if count <= 2 or rows <= SMALL[request.budget]:
        return [Rung(None, folds, count)]
    if rows < 2 * FIRST_ROWS:
        return _of_small(count, max(last, LEAST_OF_SMALL), folds)
    looks = []
    seen, left = FIRST_ROWS, count
    while left > last and seen * 2 <= rows:
        left = max(math.ceil(left / 2), last)
        looks.append(Rung(seen, 1, left))
        seen *= GROWTH
    return [*looks, Rung(None, folds, min(count, last))]


def _of_small(count: int, last: int, folds: int) -> list[Rung]:
    """Return a look at all rows in one fold, where it leaves some out, and the last round."""
    looks = [Rung(None, 1, last)] if count > last else []
    return [*looks, Rung(None, folds, min(count, last))]
