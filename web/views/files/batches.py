"""A batch in words: how far it is, how long it still takes, what came of it."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from web.client.batch_schemas import Batch
from web.views.formatting import counted, percent
from web.views.moments import moment_of

LEAST_SHARE = 0.02  # of the rows, before a time left means anything


def batch_share(batch: Batch) -> float:
    """Return which part of the rows has been looked at, 0 to 1."""
    if batch.state == "succeeded":
        return 1.0
    return min(batch.progress.rows_done / batch.rows, 1.0) if batch.rows else 0.0


def batch_left(batch: Batch, now: dt.datetime | None = None) -> float | None:
    """Return how many seconds a batch still takes at the pace so far; None for nobody knows."""
    share = batch_share(batch)
    if batch.state != "running" or not batch.started_at or share < LEAST_SHARE:
        return None
    gone = ((now or dt.datetime.now(dt.UTC)) - moment_of(batch.started_at)).total_seconds()
    return max(gone, 0.0) * (1 - share) / share


def batch_took(batch: Batch) -> float | None:
    """Return how many seconds a batch took from being asked for to its end."""
    if not batch.ended_at:
        return None
    return (moment_of(batch.ended_at) - moment_of(batch.created_at)).total_seconds()


def batch_name(batch: Batch) -> str:
    """Return what a batch is of: the file that was sent, or the table."""
    return batch.file or batch.dataset or "a file"


def batch_title(batch: Batch) -> str:
    """Return what a browser's tab tells of a batch."""
    name = batch_name(batch)
    if batch.state == "running":
        return f"{batch_share(batch):.0%} Predicting for {name}"
    marks = {"succeeded": "✓ Predicted for", "failed": "✗ Not predicted for"}
    return f"{marks.get(batch.state, 'Predicting for')} {name}"


def batch_outcome(batch: Batch) -> str:
    """Return what came of a batch that has succeeded, in a sentence."""
    rows, refused = batch.rows or 0, batch.progress.rows_refused
    if not refused:
        return f"Each of the {counted(rows, 'row')} has a prediction."
    share = percent(refused / rows) if rows else ""
    verb = "has" if refused == 1 else "have"
    return (
        f"{rows - refused:,} of {counted(rows, 'row')} have a prediction. "
        f"{counted(refused, 'row')} ({share}) {verb} none."
    )


FILTERS: dict[str, Callable[..., Any]] = {
    one.__name__: one
    for one in (batch_share, batch_left, batch_took, batch_name, batch_title, batch_outcome)
}
