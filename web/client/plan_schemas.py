"""What `training` answers to what a job would do. Unknown fields are passed over."""

from typing import Literal

import msgspec

from web.client.schemas import Rung, Task
from web.client.table_schemas import Kind


class Split(msgspec.Struct):
    """How rows are held out and folds made, and the column that it goes by."""

    by: Literal["record", "group", "time"] = "record"
    column: str | None = None


class PlannedColumn(msgspec.Struct):
    """What becomes of a column, or why it is left out."""

    column: str
    kind: Kind
    used: bool
    reason: str


class PlannedRows(msgspec.Struct):
    """Where a table's rows go; `left_out` counts them by reason."""

    total: int
    train: int
    held_out: int
    left_out: dict[str, int] = {}


class JobPlan(msgspec.Struct):
    """What a training would do; `seconds` is after which its search ends (None: all is tried)."""

    model: str
    task: Task
    measure: str
    rows: PlannedRows
    columns: list[PlannedColumn]
    labels: list[str] = []
    positive: str | None = None
    split: Split = msgspec.field(default_factory=Split)
    folds: int = 0
    algorithms: list[str] = []
    candidates: int = 0
    rungs: list[Rung] = []
    seconds: float | None = None
    notes: list[str] = []
