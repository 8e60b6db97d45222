"""Jobs as callers see them: without what only the steps need."""

import datetime as dt
from typing import Any

import msgspec

from functions.kit.contract.models.signature import Task
from functions.kit.contract.records.columns import Column
from functions.training.model.jobs import CandidateState, Job, Member, Result, Rung, State
from functions.training.model.requests.spec import JobRequest


class CandidateView(msgspec.Struct, kw_only=True):
    """One algorithm with its settings, and how its cross-validation stands.

    Attributes:
        state: "pruned": others did better on its last rung; "skipped": the search ended before it.
        rung: the place of the rung that it is at, or came to.
        rows: that it is fitted on there at most; null: all.
        score: the mean of the measure that decides, of the last rung that it has done, turned so
            that more is better.
        metrics: mean of each measure over the folds; empty until the last is done.
        spread: standard deviation of each measure over the folds.
        seconds: of work on it so far, on all rungs.
    """

    index: int
    algorithm: str
    settings: dict[str, Any]
    folds: int
    rung: int
    rows: int | None
    score: float | None
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
        progress: 0 to 1, the share of the planned fits that are done, each by its rows.
        place: among the jobs that wait until there is room for them, from 1 on.
        result: of the model on held-out rows, in the measure that decided; null before there is
            one, and in jobs of earlier releases.
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
    place: int | None
    result: Result | None
    created_at: dt.datetime
    started_at: dt.datetime | None
    ended_at: dt.datetime | None


class JobOutline(msgspec.Struct, kw_only=True, frozen=True):
    """What of a job a list is searched and sorted by."""

    id: str
    model: str
    dataset: str
    target: str
    state: State
    created_at: dt.datetime
    started_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None


class JobView(JobSummary, kw_only=True):
    """A whole job.

    Attributes:
        request: what was asked for, defaults filled in.
        snapshot: object name of the Parquet file of `revision`; `columns` are its columns.
        rungs: of the search: each tries fewer candidates, on more rows and folds.
        rung: the place of the one that the search is at.
        deadline: when the search ends; the model is made after it.
        best: index of the candidate of the largest weight in the model.
        members: the candidates that the model is made of.
        notes: what was not tried, what was left out, and why.
        evaluation: what the held-out rows say of the model.
    """

    request: JobRequest
    snapshot: str | None
    columns: list[Column]
    rungs: list[Rung]
    rung: int
    deadline: dt.datetime | None
    candidates: list[CandidateView]
    best: int | None
    members: list[Member]
    notes: list[str]
    evaluation: dict[str, Any] | None


def view(job: Job) -> JobView:
    """Return the whole job."""
    return msgspec.convert(_shown(job), JobView, from_attributes=True)


def summary(job: Job) -> JobSummary:
    """Return what a list shows of the job."""
    return msgspec.convert(_shown(job), JobSummary, from_attributes=True)


def _shown(job: Job) -> dict[str, Any]:
    """Return the job's fields; `place` is to callers the one in the queue."""
    return {**msgspec.structs.asdict(job), "place": job.waits_at}
