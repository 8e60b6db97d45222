"""What the function `prediction` answers of batches. Unknown fields are passed over."""

from typing import Literal

import msgspec

BatchState = Literal["queued", "running", "succeeded", "failed", "cancelled"]


class BatchProgress(msgspec.Struct, frozen=True):
    """How far a batch is: rows that were looked at, and of these those that were refused."""

    rows_done: int = 0
    rows_refused: int = 0


class BatchOutput(msgspec.Struct, frozen=True):
    """What comes out: in which form, and whether with the columns of the input."""

    form: Literal["parquet", "csv"] = "parquet"
    join: bool = False


class RowRefusal(msgspec.Struct):
    """A row without a prediction, by its place from 1, and why."""

    row: int
    reason: str


class Batch(msgspec.Struct, kw_only=True):
    """Predictions for a whole table or file; `refusals` are the first rows that have none."""

    id: str
    model: str
    version: int
    source: str = "file"
    dataset: str = ""
    file: str = ""
    output: BatchOutput = BatchOutput()
    state: BatchState
    rows: int | None = None
    progress: BatchProgress = BatchProgress()
    refusals: list[RowRefusal] = []
    bytes: int = 0
    failure: str | None = None
    by: str = ""
    created_at: str
    started_at: str | None = None
    ended_at: str | None = None

    @property
    def live(self) -> bool:
        """Whether something is still to come of it."""
        return self.state in {"queued", "running"}
