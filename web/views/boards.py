"""A training as it is watched: its candidates in order, how far it is, what came of it."""

from web.client.schemas import Job
from web.views.moments import moment_of


def took(job: Job) -> float | None:
    """Return the seconds from a training's begin to its end; None before that."""
    if job.started_at is None or job.ended_at is None:
        return None
    return (moment_of(job.ended_at) - moment_of(job.started_at)).total_seconds()
