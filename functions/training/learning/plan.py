"""From a table and a request to what every step trains and tests on.

Deterministic: each step makes the plan again from the immutable snapshot, so that no step hands
another more than the job's name. A process that has made one keeps it for the job's next steps.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from functions.kit.contract.models.signature import Signature, Task
from functions.training.learning import weights
from functions.training.learning.large.whole import Whole
from functions.training.learning.preprocessing import recipe
from functions.training.learning.preprocessing.encoding import encode
from functions.training.learning.preprocessing.recipe import Decision
from functions.training.learning.rows import Rows
from functions.training.learning.splits import folding, holding_out, screening
from functions.training.learning.splits.folding import Folds
from functions.training.learning.splits.hashing import Hashes
from functions.training.learning.splits.keys import keys
from functions.training.learning.splits.sources import Sources, sources
from functions.training.learning.table import Table
from functions.training.learning.targets.target import Target
from functions.training.learning.targets.understanding import understand
from functions.training.learning.warnings.all_warnings import look
from functions.training.model.requests.spec import FeatureRecipe, TrainingSpec
from functions.training.model.task import UnsuitableData

__all__ = ["Plan", "Rows", "encode", "make"]

Places = NDArray[np.int64]


@dataclass(frozen=True)
class Plan:
    """A job's data, split.

    Attributes:
        signature: what the model takes and gives.
        decisions: what became of each column.
        train: what candidates are fitted and cross-validated on.
        held_out: rows that only the final evaluation sees.
        held_places: where these are in the table, rising.
        left_out: reason → how many rows take no part.
        folds: pairs of (places to fit on, places to test on) within the training rows, the same
            for every candidate of a job; as many as were asked for, and after them those of
            further ways to deal rows out, where these are few.
        made: features to make of columns.
        only_made: inputs that are learnt from in those alone.
        notes: what the card must say beside.
        whole: all training rows, where `train` and `held_out` are some of a table that is too
            large; what is chosen is fitted on these.
        all_rows: rows that take part, on either side of the split.
        split_columns: those that it goes by.
    """

    signature: Signature
    decisions: list[Decision]
    train: Rows
    held_out: Rows
    left_out: dict[str, int]
    folds: Folds
    made: list[FeatureRecipe] = field(default_factory=list)
    only_made: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    whole: Whole | None = None
    all_rows: int = 0
    split_columns: list[str] = field(default_factory=list)
    held_places: Places = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    @property
    def task(self) -> Task:
        """The task of the signature."""
        return self.signature.task

    @property
    def fitted_rows(self) -> int:
        """How many rows the model is fitted on."""
        return self.train.rows if self.whole is None else self.whole.rows


def make(table: Table, spec: TrainingSpec, most: int | None = None) -> Plan:
    """Understand the target, split off the held-out rows, write the recipe from the rest.

    Args:
        table: all rows.
        spec: what is asked for.
        most: rows to hold in memory; of more, some are drawn by what they hold. None: all.

    Raises:
        UnsuitableData: the data cannot be trained on; the text says why.
    """
    column = next((one for one in table.columns if one.name == spec.target), None)
    if column is None:
        raise UnsuitableData(f"The dataset has no column '{spec.target}'.")
    target = understand(column, table.arrow(spec.target), spec)
    rows = table if target.rows == table.rows else table.take(target.kept)
    by = sources(rows, spec)
    found = keys(rows, [spec.target])
    train, held_out = holding_out.held_out(found, target, spec, by.groups, by.times)
    written = recipe.write(rows.take(train), spec.target, spec.columns, spec.roles, spec.recipes)
    signature = Signature(
        target.task, spec.target, written.columns, written.features, target.labels
    )
    counts = weights.of(rows, spec, target.values, target.labels)
    beside = Rows({}, target.values, found, counts, by.groups, by.times)
    some = screening.screened(train, held_out, found, target, most)
    train_rows, held_rows = (_rows(rows, signature, beside, places) for places in some)
    is_whole = len(some[0]) == len(train)
    return Plan(
        signature,
        written.decisions,
        train_rows,
        held_rows,
        target.left_out,
        _folds(found, target, spec, by, some[0]),
        list(spec.recipes),
        written.only_made,
        [
            *target.notes,
            *by.notes,
            *look(rows, target, spec.target),
            *screening.notes((train, held_out), some),
        ],
        None if is_whole else _whole(target, beside, train),
        rows.rows,
        by.columns,
        target.kept[some[1]],
    )


def _whole(target: Target, beside: Rows, train: Places) -> Whole:
    weights = None if beside.weights is None else beside.weights[train]
    return Whole(target.kept[train], beside.target[train], weights)


def _folds(
    found: Hashes, target: Target, spec: TrainingSpec, by: Sources, train: NDArray[np.int64]
) -> Folds:
    groups = None if by.groups is None else by.groups[train]
    times = None if by.times is None else by.times[train]
    return folding.repeated(found[train], target.take(train), spec, groups, times)


def _rows(table: Table, signature: Signature, beside: Rows, places: Places) -> Rows:
    """Return some of the rows, of which `beside` has all but the inputs."""
    return replace(beside.take(places), inputs=encode(signature, table.take(places)))
