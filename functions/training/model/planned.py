"""What a training would do, before it is one: for whoever is about to start it."""

import msgspec

from functions.kit.contract.models.signature import Task
from functions.kit.contract.records.columns import Kind
from functions.training.model.jobs import Rung
from functions.training.model.requests.spec import Split

# Of a target's classes; more of them are not listed.
MOST_LABELS = 100


class PlannedColumn(msgspec.Struct, kw_only=True):
    """What becomes of one column.

    Attributes:
        used: whether the model learns from it.
        reason: what it becomes, or why it is left out.
    """

    column: str
    kind: Kind
    used: bool
    reason: str


class PlannedRows(msgspec.Struct, kw_only=True):
    """Where the dataset's rows go.

    Attributes:
        total: rows of the revision that was looked at.
        train: that the model is fitted on, and candidates are compared on.
        held_out: that only the final evaluation sees.
        left_out: reason → how many rows take no part.
    """

    total: int
    train: int
    held_out: int
    left_out: dict[str, int]


class JobPlan(msgspec.Struct, kw_only=True):
    """What a job with this request would do on the dataset as it is now.

    Attributes:
        model: the model that would get a version.
        revision: of the dataset.
        labels: of a target of classes, in the model's order.
        positive: of two classes, the one whose probability matters.
        measure: what decides between candidates.
        split: how rows are held out and folds made; with the column that it goes by, if any.
        folds: parts of the cross-validation.
        columns: all but the target, in the dataset's order.
        algorithms: of the candidates, in the order of their promise, each once.
        candidates: how many would be tried.
        rungs: of the search.
        seconds: after which the search ends; the model is made after it. Null: all is tried.
        notes: what there is to know of the data.
    """

    dataset: str
    model: str
    target: str
    revision: int
    task: Task
    labels: list[str]
    positive: str | None
    measure: str
    rows: PlannedRows
    split: Split
    folds: int
    columns: list[PlannedColumn]
    algorithms: list[str]
    candidates: int
    rungs: list[Rung]
    seconds: float | None
    notes: list[str]
