"""Jobs as callers see them: without what only the steps need."""

import datetime as dt
from typing import Any

import msgspec

from functions.kit.contract.columns import Column
from functions.kit.contract.signature import Task
from functions.training.model.jobs import CandidateState, Job, State
from functions.training.model.spec import JobRequest


class CandidateView(msgspec.Struct, kw_only=True):
    """One algorithm with its settings, and how its cross-validation stands.

    Attributes:
        metrics: mean of each measure over the folds; empty until the last is done.
        spread: standard deviation of each measure over the folds.
    """

    index: int
    algorithm: str
    settings: dict[str, Any]
    folds: int
    state: CandidateState
    folds_done: int
    metrics: dict[str, float]
    spread: dict[str, float]
    seconds: float
    failure: str | None


class JobSummary(msgspec.Struct, kw_only=True):
    """A job as a list shows it.

    Attributes:
        owner: the id of the account that asked for it.
        revision: of the dataset, once the job has begun.
        version: the model version that it made.
        progress: 0 to 1; the final step counts as much as a fold of every candidate.
    """

    id: str
    owner: str
    model: str
    dataset: str
    target: str
    state: State
    failure: str | None
    task: Task | None
    revision: int | None
    version: int | None
    progress: float
    created_at: dt.datetime
    started_at: dt.datetime | None
    ended_at: dt.datetime | None


class JobView(JobSummary, kw_only=True):
    """A whole job.

    Attributes:
        request: what was asked for, defaults filled in.
        snapshot: object name of the Parquet file of `revision`; `columns` are its columns.
        best: index of the candidate that was refitted.
        evaluation: what the held-out rows say of the best.
    """

    request: JobRequest
    snapshot: str | None
    columns: list[Column]
    candidates: list[CandidateView]
    best: int | None
    evaluation: dict[str, Any] | None


def view(job: Job) -> JobView:
    """Return the whole job."""
    return msgspec.convert(job, JobView, from_attributes=True)


def summary(job: Job) -> JobSummary:
    """Return what a list shows of the job."""
    return msgspec.convert(job, JobSummary, from_attributes=True)
