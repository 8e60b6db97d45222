"""How far a job has come, and what came of it.

Progress is the share of the planned fits that are done, each by its rows.
"""

from typing import Any

from msgspec.structs import replace

from functions.kit.contract.measures.names import DIRECTIONS
from functions.kit.contract.models.signature import Task
from functions.training.model.jobs import Job, Result, Rung

# States of candidates of which something is to be done, or was when the job was cancelled.
LEFT = {"queued", "running", "cancelled"}


def with_progress(job: Job) -> Job:
    """Return the job with its progress counted anew from its candidates.

    One fit of all folds on all rows counts for the final step, which nothing counts within.
    """
    if job.state == "succeeded":
        return replace(job, progress=1.0)
    if not job.candidates:
        return replace(job, progress=0.0)
    rungs, planned = rungs_of(job), _planned(job)
    work = [
        count * rung.folds * _weight(job, rung) for count, rung in zip(planned, rungs, strict=True)
    ]
    at = min(job.rung, len(rungs) - 1)
    left = sum(one.folds - one.folds_done for one in job.candidates if one.state in LEFT)
    done = sum(work[:at]) + max(0.0, work[at] - left * _weight(job, rungs[at]))
    return replace(job, progress=round(done / (sum(work) + rungs[-1].folds), 4))


def rungs_of(job: Job) -> list[Rung]:
    """Return the rungs of the search; a job of an earlier release has one."""
    return job.rungs or [Rung(None, job.request.folds, len(job.candidates))]


def _planned(job: Job) -> list[int]:
    """Return how many candidates each rung was to have."""
    counts = [len(job.candidates)]
    for rung in rungs_of(job)[:-1]:
        counts.append(min(counts[-1], rung.keep))
    return counts


def _weight(job: Job, rung: Rung) -> float:
    """Return what a fold of this rung costs, where one on all rows costs 1."""
    if rung.rows is None or not job.rows:
        return 1.0
    return min(1.0, rung.rows / job.rows)


def result_of(task: Task | None, evaluation: dict[str, Any]) -> Result | None:
    """Return the measure that decided; None where the evaluation names none of the task."""
    name = evaluation.get("measure", "")
    if task is None or name not in DIRECTIONS[task]:
        return None
    value = evaluation.get("metrics", {}).get(name)
    score = None if value is None else value * DIRECTIONS[task][name]
    found = evaluation.get("intervals", {}).get(name)
    return Result(name, value, score, (found[0], found[1]) if found else None)
