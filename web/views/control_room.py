"""What the first page puts together of lists: what needs somebody, and what changed last."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from web.client.account_schemas import Usage
from web.client.schemas import Job, Model
from web.client.table_schemas import Dataset
from web.views.moments import moment_of

LATELY = dt.timedelta(days=7)
NEARLY = 0.8
"""The share of a quota from which on it is told of."""
LEAST = 0.05
"""The share of a training that must be done before the rest is guessed from it."""
CHANGES = 8


class Changed(NamedTuple):
    """Something that changed: "dataset", "job" or "model", what finds it, its name, what, when."""

    kind: str
    id: str
    name: str
    what: str
    at: str


def failed(jobs: Iterable[Job], now: dt.datetime | None = None) -> list[Job]:
    """Return those that failed lately, and that no later training of the same model made good."""
    since = (now or dt.datetime.now(dt.UTC)) - LATELY
    made: set[tuple[str, str]] = set()
    found = []
    for job in jobs:  # newest first
        if job.state == "succeeded":
            made.add((job.dataset, job.target))
        late = job.created_at is not None and moment_of(job.created_at) >= since
        if job.state == "failed" and late and (job.dataset, job.target) not in made:
            found.append(job)
    return found


def used_up(usage: Usage | None) -> float | None:
    """Return the share of the quota that is used, where that is nearly all or all."""
    if usage is None or not usage.limit or usage.used is None:
        return None
    share = usage.used / usage.limit
    return share if share >= NEARLY else None


def seconds_left(job: Job, now: dt.datetime | None = None) -> float | None:
    """Return how long a training is likely to go on, by what it took so far; None: not known."""
    if job.started_at is None or not LEAST <= job.progress < 1:
        return None
    gone = ((now or dt.datetime.now(dt.UTC)) - moment_of(job.started_at)).total_seconds()
    return max(gone, 0.0) * (1 - job.progress) / job.progress


def last_changed(
    datasets: Sequence[Dataset], jobs: Sequence[Job], models: Sequence[Model]
) -> list[Changed]:
    """Return what changed last, the newest first."""
    found = [
        *(
            Changed("dataset", one.id, one.name, f"{one.rows:,} rows", at)
            for one in datasets
            if (at := one.updated_at or one.created_at)
        ),
        *(
            Changed("job", one.id, f"{one.target} of {one.dataset}", one.state, one.created_at)
            for one in jobs
            if one.created_at
        ),
        *(
            Changed("model", one.name, one.name, f"version {one.latest}", at)
            for one in models
            if (at := one.updated_at or one.created_at)
        ),
    ]
    found.sort(key=lambda one: moment_of(one.at), reverse=True)
    return found[:CHANGES]
