"""How a job moves from state to state.

Pure: each transition takes the job as it is stored and returns it as it should be, or the same
object when there is nothing to change. That makes every step safe to repeat.
"""

import datetime as dt
from typing import Any

import msgspec
from msgspec import field
from msgspec.structs import replace

from functions.training.learning.candidates.algorithms import Choice
from functions.training.model.jobs import (
    Candidate,
    Fold,
    Job,
    TrainingData,
)

# A step that begins this often without getting any further kills its process: give it up. It
# begins when all that it needs from elsewhere is there, so that an outage is not counted.
MOST_ATTEMPTS = 5


class Next(msgspec.Struct, frozen=True):
    """What is to be queued for a job to get on: candidates' steps, or the final one."""

    candidates: list[int] = field(default_factory=list)
    finish: bool = False


def next_steps(job: Job) -> Next:
    """Return what is still to be done; whoever redelivers may queue it again."""
    if job.state != "running":
        return Next()
    open_ones = [one.index for one in job.candidates if not one.ended]
    return Next(open_ones, finish=not open_ones)


def begin_start(job: Job, now: dt.datetime) -> Job:
    """Note that the first step begins to look at the data; one that never gets further fails."""
    if job.state != "queued":
        return job
    if job.attempts >= MOST_ATTEMPTS:
        reason = f"The process ended {MOST_ATTEMPTS} times while reading the data (out of memory?)."
        return fail(job, reason, now)
    return replace(job, attempts=job.attempts + 1)


def start(job: Job, data: TrainingData, choices: list[Choice], now: dt.datetime) -> Job:
    """Fan out: the job runs, its candidates wait."""
    if job.state != "queued":
        return job
    folds = job.request.folds
    candidates = [
        Candidate(index=place, algorithm=one.algorithm, settings=one.settings, folds=folds)
        for place, one in enumerate(choices)
    ]
    return replace(
        job,
        state="running",
        revision=data.revision,
        snapshot=data.snapshot,
        columns=data.columns,
        task=data.task,
        candidates=candidates,
        attempts=0,
        started_at=now,
    )


def fail(job: Job, reason: str, now: dt.datetime) -> Job:
    """End the job with a reason that its user can read."""
    if job.ended:
        return job
    return replace(job, state="failed", failure=reason, ended_at=now)


def cancel(job: Job, now: dt.datetime) -> Job:
    """End the job at its user's wish; one that is registering its model goes on."""
    if job.ended or job.registering:
        return job
    return replace(job, state="cancelled", ended_at=now)


def begin_candidate(job: Job, index: int) -> Job:
    """Note that a candidate's step begins; one that never gets any further fails."""
    candidate = job.candidates[index]
    if job.state != "running" or candidate.ended:
        return job
    if candidate.attempts >= MOST_ATTEMPTS:
        return fail_candidate(
            job, index, f"its process ended {MOST_ATTEMPTS} times while training (out of memory?)"
        )
    begun = replace(candidate, state="running", attempts=candidate.attempts + 1)
    return _with_candidate(job, begun)


def record_fold(job: Job, index: int, fold: int, result: Fold) -> Job:
    """Note a fold's result; one that is already there stays."""
    candidate = job.candidates[index]
    if job.state != "running" or candidate.ended or candidate.folds_done != fold:
        return job
    results = [*candidate.results, result]
    done = replace(
        candidate,
        results=results,
        folds_done=len(results),
        seconds=candidate.seconds + result.seconds,
        attempts=0,
    )
    return _with_candidate(job, done)


def end_candidate(job: Job, index: int, metrics: dict[str, float], spread: dict[str, float]) -> Job:
    """Note that a candidate has done all its folds."""
    candidate = job.candidates[index]
    if job.state != "running" or candidate.ended:
        return job
    done = replace(candidate, state="succeeded", metrics=metrics, spread=spread)
    return _with_candidate(job, done)


def fail_candidate(job: Job, index: int, reason: str) -> Job:
    """Note that a candidate cannot be trained; the job goes on with the others."""
    candidate = job.candidates[index]
    if job.state != "running" or candidate.ended:
        return job
    return _with_candidate(job, replace(candidate, state="failed", failure=reason))


def begin_finish(job: Job, now: dt.datetime) -> Job:
    """Note that the final step begins; a job without any candidate left fails."""
    if job.state != "running" or not next_steps(job).finish:
        return job
    if all(one.state == "failed" for one in job.candidates):
        reasons = dict.fromkeys(str(one.failure) for one in job.candidates)
        return fail(job, f"Every candidate failed: {'; '.join(reasons)}", now)
    if job.attempts >= MOST_ATTEMPTS:
        return fail(
            job,
            f"The final step's process ended {MOST_ATTEMPTS} times (out of memory?).",
            now,
        )
    return replace(job, attempts=job.attempts + 1)


def begin_registering(job: Job, best: int, evaluation: dict[str, Any]) -> Job:
    """Note the evaluation, and that from here on the job cannot be cancelled."""
    if job.state != "running":
        return job
    # Whatever delays the registration now is no fault of this step: it may try again for long.
    return replace(job, best=best, evaluation=evaluation, registering=True, attempts=0)


def succeed(job: Job, version: int, now: dt.datetime) -> Job:
    """End the job with the version that it made."""
    if job.state != "running":
        return job
    return replace(job, state="succeeded", version=version, registering=False, ended_at=now)


def _with_candidate(job: Job, changed: Candidate) -> Job:
    candidates = [changed if one.index == changed.index else one for one in job.candidates]
    return replace(job, candidates=candidates)
