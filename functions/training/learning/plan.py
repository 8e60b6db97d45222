"""From a table and a request to what every step trains and tests on.

Deterministic: each step makes the plan again from the immutable snapshot, so that no step hands
another more than the job's name. A process that has made one keeps it for the job's next steps.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.kit.contract.features import Inputs, encode_column
from functions.kit.contract.signature import Feature, Signature, Task
from functions.training.learning import weights
from functions.training.learning.preprocessing import recipe
from functions.training.learning.preprocessing.recipe import Decision
from functions.training.learning.rows import Rows
from functions.training.learning.splits import folding, holding_out
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
        left_out: reason → how many rows take no part.
        folds: pairs of (places to fit on, places to test on) within the training rows, the same
            for every candidate of a job; as many as were asked for, and after them those of
            further ways to deal rows out, where these are few.
        made: features to make of columns.
        only_made: inputs that are learnt from in those alone.
        notes: what the card must say beside.
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

    @property
    def task(self) -> Task:
        """The task of the signature."""
        return self.signature.task

    def whole(self) -> "Plan":
        """Return a plan to fit what is served on all rows, those that were held out among them."""
        return replace(self, train=self.train.and_(self.held_out), folds=[])


def make(table: Table, spec: TrainingSpec) -> Plan:
    """Understand the target, split off the held-out rows, write the recipe from the rest.

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
    train_rows, held_rows = (_rows(rows, signature, beside, places) for places in (train, held_out))
    return Plan(
        signature,
        written.decisions,
        train_rows,
        held_rows,
        target.left_out,
        _folds(found, target, spec, by, train),
        list(spec.recipes),
        written.only_made,
        [*target.notes, *by.notes, *look(rows, target, spec.target)],
    )


def _folds(
    found: Hashes, target: Target, spec: TrainingSpec, by: Sources, train: NDArray[np.int64]
) -> Folds:
    groups = None if by.groups is None else by.groups[train]
    times = None if by.times is None else by.times[train]
    return folding.repeated(found[train], target.take(train), spec, groups, times)


def _rows(table: Table, signature: Signature, beside: Rows, places: Places) -> Rows:
    """Return some of the rows, of which `beside` has all but the inputs."""
    return replace(beside.take(places), inputs=encode(signature, table.take(places)))


def encode(signature: Signature, table: Table) -> Inputs:
    """Return a table's rows as ONNX inputs, by the code that prediction uses.

    Raises:
        UnsuitableData: a number is too large for a model.
    """
    kinds = {column.name: column.kind for column in signature.columns}
    inputs = {}
    for one in signature.features:
        values = table.array(one.column)
        _check_range(one, values)
        inputs[one.input] = encode_column(one, kinds[one.column], values)
    return inputs


def _check_range(feature: Feature, values: NDArray[Any]) -> None:
    """Refuse a number that would turn into infinity; raises UnsuitableData."""
    if values.dtype != np.float64:
        return
    limit = float(np.finfo(np.float32).max)
    worst = values[np.argmax(np.abs(np.nan_to_num(values, nan=0.0)))] if len(values) else 0.0
    if abs(worst) > limit:
        raise UnsuitableData(
            f"The column '{feature.column}' holds {worst:g}, and a model's float32 at most "
            f"{limit:.4g}; rescale the column or leave it out."
        )
