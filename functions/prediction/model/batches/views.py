"""Batches as callers see them."""

import datetime as dt

import msgspec

from functions.prediction.model.batches.batch import Batch, Output, Refusal, State


class Progress(msgspec.Struct, frozen=True):
    """How far a batch is.

    Attributes:
        parts: that its rows are cut into.
        parts_done: of these.
        rows_done: that have been looked at.
        rows_refused: of these, rows that have a problem instead of a prediction.
    """

    parts: int
    parts_done: int
    rows_done: int
    rows_refused: int


class BatchView(msgspec.Struct, frozen=True):
    """A batch; `source` is `dataset`, or `file` for one that was sent; `file` is its name.

    `refusals` are the first rows that have a problem instead of a prediction, 20 at most; the file
    that comes out tells of all.
    """

    id: str
    model: str
    version: int
    source: str
    dataset: str
    file: str
    revision: int | None
    output: Output
    state: State
    rows: int | None
    progress: Progress
    refusals: list[Refusal]
    bytes: int
    failure: str | None
    by: str
    created_at: dt.datetime
    started_at: dt.datetime | None
    ended_at: dt.datetime | None


def view(batch: Batch) -> BatchView:
    """Return what is shown of a batch."""
    done = [part for part in batch.parts if part.done]
    progress = Progress(
        len(batch.parts),
        len(done),
        sum(part.rows for part in done),
        sum(part.refused for part in done),
    )
    return BatchView(
        id=batch.id,
        model=batch.model,
        version=batch.version,
        source="dataset" if batch.source.dataset else "file",
        dataset=batch.source.dataset,
        file=batch.source.name,
        revision=batch.source.revision,
        output=batch.output,
        state=batch.state,
        rows=batch.rows,
        progress=progress,
        refusals=batch.refusals,
        bytes=batch.bytes,
        failure=batch.failure,
        by=batch.by,
        created_at=batch.created_at,
        started_at=batch.started_at,
        ended_at=batch.ended_at,
    )
