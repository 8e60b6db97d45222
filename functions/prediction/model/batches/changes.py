"""How a batch goes from state to state.

Pure: each takes a batch as it is stored and returns it as it shall be, or the same object when
there is nothing to change. That makes every step safe to repeat.
"""

import datetime as dt
from collections.abc import Sequence

from msgspec.structs import replace

from functions.kit.contract.errors import Conflict
from functions.prediction.model.batches.batch import MOST_REFUSALS, Batch, Part, Refusal, Source

MOST_ATTEMPTS = 5
"""A first step that begins this often without getting any further kills its process."""


def begin(batch: Batch, now: dt.datetime) -> Batch:
    """Note that the first step begins to look at the rows; one that never gets further fails."""
    if batch.state != "queued":
        return batch
    if batch.attempts >= MOST_ATTEMPTS:
        reason = f"The process ended {MOST_ATTEMPTS} times while reading the rows (out of memory?)."
        return fail(batch, reason, now)
    return replace(batch, attempts=batch.attempts + 1)


def start(batch: Batch, source: Source, parts: Sequence[Part], now: dt.datetime) -> Batch:
    """Let the batch run: its rows are cut into parts."""
    if batch.state != "queued":
        return batch
    rows = sum(part.rows for part in parts)
    return replace(batch, state="running", source=source, parts=[*parts], rows=rows, started_at=now)


def end_part(
    batch: Batch, place: int, done: str, refused: int, refusals: Sequence[Refusal] = ()
) -> Batch:
    """Note what was predicted for a part, and the first of its rows that have a problem."""
    if batch.state != "running" or batch.parts[place].done:
        return batch
    parts = [*batch.parts]
    parts[place] = replace(parts[place], done=done, refused=refused)
    first = sorted([*batch.refusals, *refusals], key=lambda one: one.row)[:MOST_REFUSALS]
    return replace(batch, parts=parts, refusals=first)


def succeed(batch: Batch, path: str, size: int, now: dt.datetime) -> Batch:
    """Note the file that came out."""
    if batch.state != "running":
        return batch
    return replace(batch, state="succeeded", path=path, bytes=size, ended_at=now)


def fail(batch: Batch, reason: str, now: dt.datetime) -> Batch:
    """End a batch that cannot be done."""
    if batch.ended:
        return batch
    return replace(batch, state="failed", failure=reason, ended_at=now)


def cancel(batch: Batch, now: dt.datetime) -> Batch:
    """End a batch at its owner's wish; one that has ended otherwise stays so."""
    return batch if batch.ended else replace(batch, state="cancelled", ended_at=now)


def tidied(batch: Batch) -> Batch:
    """Note that no files are left but the one that came out."""
    return replace(batch, keeps_files=False)


def remove(batch: Batch) -> Batch:
    """Let an ended batch go; raises Conflict for another."""
    if not batch.ended:
        raise Conflict(f"Batch '{batch.id}' is {batch.state}; cancel it first.")
    return replace(batch, removed=True)
