"""A training as it is watched: its candidates in order, how far it is, what came of it."""

import datetime as dt
import re
from collections.abc import Sequence

from web.client.schemas import Candidate, Job, Result
from web.views.metrics import SENTENCES, Measure
from web.views.moments import moment_of

# Candidates that a board shows before one asks for all.
FIRST = 30
# Below it, what has been done says little of what is left.
LEAST_DONE = 0.03
MARKS = {"queued": "…", "succeeded": "✓", "failed": "✗", "cancelled": "■"}
# Reasons for a failure: what to do, by what the reason says. The first that fits is shown.
REMEDIES: tuple[tuple[str, str], ...] = (
    (
        r"does not fit version",
        "Train again under another name, or tick there that it may take other columns.",
    ),
    (
        r"out of memory|MemoryError|process ended",
        "It needed more memory than there is. Train again with fewer columns or algorithms.",
    ),
    (
        r"snapshot .* is gone|no dataset",
        "The data are not there any more. Upload the table again, then train on it.",
    ),
    (
        r"too few|need at least",
        "Add rows, or train again with fewer folds or a smaller share held back.",
    ),
    (
        r"No column can be learnt from",
        "Tick more columns, or correct in the table what each is for; then train again.",
    ),
    (
        r"target|classes|predicts",
        "Train again, and choose another column to predict, or another name for the model.",
    ),
    (
        r"Every candidate failed",
        "Train again with other algorithms; what each met stands beside it below.",
    ),
)
OTHERWISE = "Train again; if it ends so again, change a choice that the reason names."


def took(job: Job) -> float | None:
    """Return the seconds from a training's begin to its end; None before that."""
    if job.started_at is None or job.ended_at is None:
        return None
    return (moment_of(job.ended_at) - moment_of(job.started_at)).total_seconds()


def ranked(job: Job) -> list[Candidate]:
    """Return the candidates, the best first: by the round they came to, then by their score.

    Those that have no score follow, at work before waiting; those that failed come last.
    """

    def key(one: Candidate) -> tuple[int, int, float, int]:
        if one.state == "failed":
            return (3, 0, 0.0, one.index)
        if one.score is None:
            return (2 if one.state == "queued" else 1, 0, 0.0, one.index)
        return (0, -one.rung, -one.score, one.index)

    return sorted(job.candidates, key=key)


def shown(job: Job, *, everything: bool) -> list[Candidate]:
    """Return those that a board shows, the best first; members of the model are among them."""
    found = ranked(job)
    if everything:
        return found
    members = {one.candidate for one in job.members}
    return [one for place, one in enumerate(found) if place < FIRST or one.index in members]


def time_left(job: Job, now: dt.datetime | None = None) -> float | None:
    """Return the seconds that a training has about left; None while that cannot be told.

    By what is done so far; no longer than until the search is to end, and a fifth of it more.
    """
    if job.state != "running" or job.started_at is None or job.progress < LEAST_DONE:
        return None
    moment = now or dt.datetime.now(dt.UTC)
    spent = max((moment - moment_of(job.started_at)).total_seconds(), 0.0)
    left = spent * (1 - job.progress) / job.progress
    if job.deadline is not None:
        whole = (moment_of(job.deadline) - moment_of(job.started_at)).total_seconds()
        until = (moment_of(job.deadline) - moment).total_seconds()
        left = min(left, max(until, 0.0) + whole / 5)
    return left


def title(job: Job) -> str:
    """Return what the tab says of a training."""
    if job.state == "running":
        return f"{job.progress:.0%} Training {job.target}"
    return f"{MARKS.get(job.state, '')} Training {job.target} {job.state}"


def failure(job: Job) -> str:
    """Return why a training failed, without what an answer to a program would go on with."""
    return re.split(r"; ask for new_line\b", job.failure or "The reason was not recorded.")[0]


def remedy(job: Job) -> str:
    """Return what to do about a training that failed."""
    why = job.failure or ""
    return next((does for said, does in REMEDIES if re.search(said, why)), OTHERWISE)


def worth(result: Result | None) -> str:
    """Write a result with what it is within: ROC AUC 0.871 (0.82 to 0.91)."""
    if result is None or result.value is None:
        return ""
    label = Measure(result.measure, None).label
    within = "" if result.interval is None else " ({:.3g} to {:.3g})".format(*result.interval)
    return f"{label} {result.value:.3g}{within}"


def winner(job: Job) -> str:
    """Return one sentence on what a training made, as one would tell it; empty before that."""
    result = job.result or _result_of(job)
    if job.state != "succeeded" or result is None or result.value is None:
        return ""
    _, sentence = SENTENCES.get(result.measure, ("", None))
    meaning = sentence(result.value) if sentence else ""
    return f"{worth(result)} on rows that it never saw. {meaning}".strip()


def _result_of(job: Job) -> Result | None:
    """Return the result of a job from before lists told it."""
    found = job.evaluation
    if found is None or found.measure not in found.metrics:
        return None
    value = found.metrics[found.measure]
    return Result(found.measure, value, None, found.intervals.get(found.measure))


def by_result(jobs: Sequence[Job]) -> list[Job]:
    """Return trainings, the best first; those without a result follow, as they came."""

    def key(job: Job) -> tuple[bool, float]:
        score = job.result.score if job.result else None
        return (score is None, -(score or 0.0))

    return sorted(jobs, key=key)
