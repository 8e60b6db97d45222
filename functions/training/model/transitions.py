"""How a job moves from state to state.

Pure: each transition takes the job as it is stored and returns it as it should be, or the same
object when there is nothing to change. That makes every step safe to repeat.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import field
from msgspec.structs import replace

from functions.kit.contract.errors import Conflict, Gone
from functions.training.model import search
from functions.training.model.jobs import (
    Candidate,
    Fold,
    Job,
    Member,
    Search,
    Summary,
    TrainingData,
)
from functions.training.model.progress import result_of

# A step that begins this often without getting any further kills its process: give it up. It
# begins when all that it needs from elsewhere is there, so that an outage is not counted.
MOST_ATTEMPTS = 5


class Next(msgspec.Struct, frozen=True):
    """What is to be queued for a job to get on: steps of candidates, of members, or the final."""

    candidates: list[int] = field(default_factory=list)
    members: list[int] = field(default_factory=list)
    finish: bool = False


def next_steps(job: Job) -> Next:
    """Return what is still to be done, the most promising candidates first."""
    if job.state != "running":
        return Next()
    open_ones = [one.index for one in job.open_candidates]
    members = [] if open_ones else job.unmade_members
    return Next(open_ones, members, finish=not open_ones and not members)


def admit(job: Job, slots: int) -> Job:
    """Let a job that waits run, with as many candidates at a time."""
    return replace(job, slots=slots, waits_at=None) if job.waits else job


def begin_start(job: Job, now: dt.datetime) -> Job:
    """Note that the first step begins to look at the data; one that never gets further fails."""
    if job.state != "queued":
        return job
    if job.attempts >= MOST_ATTEMPTS:
        reason = f"The process ended {MOST_ATTEMPTS} times while reading the data (out of memory?)."
        return fail(job, reason, now)
    return replace(job, attempts=job.attempts + 1)


def start(job: Job, data: TrainingData, plan: Search, now: dt.datetime) -> Job:
    """Fan out: the job runs, its candidates wait for the first rung."""
    if job.state != "queued":
        return job
    first = plan.rungs[0]
    candidates = [
        Candidate(
            index=place,
            algorithm=one.algorithm,
            settings=one.settings,
            folds=first.folds,
            rows=first.rows,
        )
        for place, one in enumerate(plan.choices)
    ]
    return replace(
        job,
        state="running",
        revision=data.revision,
        snapshot=data.snapshot,
        columns=data.columns,
        task=data.task,
        rows=data.rows,
        most_rows=data.most_rows,
        rungs=plan.rungs,
        deadline=now + dt.timedelta(seconds=plan.seconds) if plan.seconds is not None else None,
        candidates=candidates,
        keeps_files=True,
        attempts=0,
        started_at=now,
    )


def fail(job: Job, reason: str, now: dt.datetime) -> Job:
    """End the job with a reason that its user can read."""
    if job.ended:
        return job
    return search.close(replace(job, state="failed", failure=reason, ended_at=now))


def cancel(job: Job, now: dt.datetime) -> Job:
    """End the job at its user's wish; one that is registering its model goes on."""
    if job.ended or job.registering:
        return job
    return search.close(replace(job, state="cancelled", ended_at=now))


def begin_candidate(job: Job, index: int, now: dt.datetime) -> Job:
    """Note that a candidate's step begins; one that never gets any further fails."""
    job = search.settle(job, now)
    candidate = job.candidates[index]
    if job.state != "running" or candidate.ended:
        return job
    if candidate.attempts >= MOST_ATTEMPTS:
        reason = f"its process ended {MOST_ATTEMPTS} times while training (out of memory?)"
        return fail_candidate(job, index, reason, now)
    begun = replace(candidate, state="running", attempts=candidate.attempts + 1)
    return _with_candidate(job, begun)


def record_folds(
    job: Job, index: int, first: int, results: Sequence[Fold], file: str | None = None
) -> Job:
    """Note the results of the folds from `first` on; what is already there stays.

    Args:
        job: as it is stored.
        index: of the candidate.
        first: the fold that the first result is of.
        results: one for each fold that was done.
        file: the object that holds the predictions of these folds' test rows, on the last rung.
    """
    candidate = job.candidates[index]
    if job.state != "running" or candidate.ended or candidate.folds_done != first:
        return job
    done = replace(
        candidate,
        results=[*candidate.results, *results],
        files=[*candidate.files, file] if file is not None else candidate.files,
        folds_done=first + len(results),
        seconds=round(candidate.seconds + sum(one.seconds for one in results), 4),
        attempts=0,
    )
    return _with_candidate(job, done)


def end_candidate(job: Job, index: int, summary: Summary, now: dt.datetime) -> Job:
    """Note that a candidate has done its rung; the last one to do so lets the best go on."""
    candidate = job.candidates[index]
    if job.state != "running" or candidate.ended or candidate.folds_done < candidate.folds:
        return job
    order = None
    if job.at_last_rung:
        order = sum(one.order is not None for one in job.candidates)
    done = replace(
        candidate,
        state="succeeded",
        metrics=summary.metrics,
        spread=summary.spread,
        score=summary.score,
        order=order,
    )
    return search.settle(_with_candidate(job, done), now)


def fail_candidate(job: Job, index: int, reason: str, now: dt.datetime) -> Job:
    """Note that a candidate cannot be trained; the job goes on with the others."""
    candidate = job.candidates[index]
    if job.state != "running" or candidate.ended:
        return job
    failed = replace(candidate, state="failed", failure=reason)
    return search.settle(_with_candidate(job, failed), now)


def begin_finish(job: Job, now: dt.datetime) -> Job:
    """Note that the final step begins; a job without any candidate left fails."""
    if job.state != "running" or not next_steps(job).finish:
        return job
    if not any(one.state == "succeeded" for one in job.candidates):
        reasons = dict.fromkeys(str(one.failure) for one in job.candidates if one.failure)
        return fail(job, f"Every candidate failed: {'; '.join(reasons)}", now)
    if job.attempts >= MOST_ATTEMPTS:
        return fail(
            job,
            f"The final step's process ended {MOST_ATTEMPTS} times (out of memory?).",
            now,
        )
    return replace(job, attempts=job.attempts + 1)


def choose(job: Job, members: Sequence[Member], notes: Sequence[str]) -> Job:
    """Note what the model is to be made of; what of it is not fitted on all rows yet is due."""
    if job.state != "running" or job.members or not next_steps(job).finish:
        return job
    return replace(job, members=list(members), notes=list(notes), attempts=0)


def begin_member(job: Job, index: int, now: dt.datetime) -> Job:
    """Note that a member's step begins; one that never gets any further is left out."""
    if index not in next_steps(job).members:
        return job
    candidate = job.candidates[index]
    if candidate.attempts >= MOST_ATTEMPTS:
        reason = f"its process ended {MOST_ATTEMPTS} times while fitting all rows (out of memory?)"
        return fail_member(job, index, reason, now)
    return _with_candidate(job, replace(candidate, attempts=candidate.attempts + 1))


def record_member(job: Job, index: int, file: str, seconds: float) -> Job:
    """Note that a member is fitted on all rows, and which object holds it."""
    if index not in next_steps(job).members:
        return job
    candidate = job.candidates[index]
    seconds = round(candidate.seconds + seconds, 4)
    return _with_candidate(job, replace(candidate, made=file, seconds=seconds, attempts=0))


def fail_member(job: Job, index: int, reason: str, now: dt.datetime) -> Job:
    """Leave a member out that cannot be made into a model; it is chosen again without it."""
    if job.state != "running" or all(one.candidate != index for one in job.members):
        return job
    failure = f"could not be made into a model: {reason}"
    failed = replace(job.candidates[index], state="failed", failure=failure, made=None)
    return search.settle(replace(_with_candidate(job, failed), members=[], attempts=0), now)


def part_members(job: Job, reason: str, now: dt.datetime) -> Job:
    """Give up what the members are together, or the one that there is; it is chosen again."""
    if len(job.members) == 1:
        return fail_member(job, job.members[0].candidate, reason, now)
    if job.state != "running":
        return job
    return replace(job, members=[], apart=reason, attempts=0)


def begin_registering(job: Job, evaluation: dict[str, Any], registration: str) -> Job:
    """Note what the model is worth, and that from here on the job cannot be cancelled.

    Args:
        job: as it is stored.
        evaluation: of the model.
        registration: the object that holds what is to be registered.
    """
    if job.state != "running":
        return job
    # Whatever delays the registration now is no fault of this step: it may try again for long.
    return replace(
        job,
        best=job.heaviest,
        evaluation=evaluation,
        result=result_of(job.task, evaluation),
        registration=registration,
        registering=True,
        attempts=0,
    )


def succeed(job: Job, version: int, now: dt.datetime) -> Job:
    """End the job with the version that it made."""
    if job.state != "running":
        return job
    return replace(job, state="succeeded", version=version, registering=False, ended_at=now)


def tidied(job: Job) -> Job:
    """Note that an ended job keeps no objects any more."""
    return replace(job, keeps_files=False) if job.ended and job.keeps_files else job


def check_removable(job: Job) -> None:
    """Refuse to remove a job of which something is still to be done; raises Conflict."""
    if not job.ended:
        raise Conflict(f"Job '{job.id}' has not ended; cancel it first.")
    if job.keeps_files:
        raise Conflict(f"What job '{job.id}' kept is still being removed; try again in a moment.")


def removed(job_id: str) -> Gone:
    """Say that a request was for a job that has been removed; its model bears the job's id."""
    return Gone(f"Job '{job_id}', which this request made, has been removed.")


def _with_candidate(job: Job, changed: Candidate) -> Job:
    candidates = [changed if one.index == changed.index else one for one in job.candidates]
    return replace(job, candidates=candidates)
