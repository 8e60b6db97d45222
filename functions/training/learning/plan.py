"""From a table and a request to what every step trains and tests on.

Deterministic: each step makes the plan again from the immutable snapshot, so that no step hands
another more than the job's name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.kit.contract.features import Inputs, encode_column
from functions.kit.contract.signature import Feature, Signature, Task
from functions.training.learning.preprocessing import recipe
from functions.training.learning.preprocessing.recipe import Decision
from functions.training.learning.splits import folding, holding_out
from functions.training.learning.splits.folding import Folds
from functions.training.learning.splits.hashing import Hashes
from functions.training.learning.splits.keys import keys
from functions.training.learning.splits.sources import Sources, sources
from functions.training.learning.table import Table
from functions.training.learning.targets.target import Target
from functions.training.learning.targets.understanding import understand
from functions.training.learning.warnings.all_warnings import look
from functions.training.model.spec import TrainingSpec
from functions.training.model.task import UnsuitableData


@dataclass(frozen=True)
class EncodedRows:
    """Rows ready for a model.

    Attributes:
        inputs: ONNX input name → array of shape [rows, 1].
        target: the label's place (int64) or the number (float64), shape [rows].
        keys: of what the records hold, shape [rows]; what is equal has the same.
    """

    inputs: Inputs
    target: NDArray[Any]
    keys: Hashes

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.target)

    def matrix(self, features: Sequence[Feature]) -> NDArray[Any]:
        """Return the inputs as scikit-learn takes them: objects, [rows, features], in order."""
        return np.hstack([self.inputs[one.input].astype(object) for one in features])

    def take(self, places: NDArray[Any]) -> "EncodedRows":
        """Return the rows at `places`."""
        return EncodedRows(
            {name: c[places] for name, c in self.inputs.items()},
            self.target[places],
            self.keys[places],
        )


@dataclass(frozen=True)
class Plan:
    """A job's data, split.

    Attributes:
        train: what candidates are fitted and cross-validated on.
        held_out: rows that only the final evaluation sees.
        left_out: why rows were left out, and how many for that reason.
        folds: places within the training rows: to fit on, and to test on.
        notes: what the card must say of the data, a sentence each.
    """

    signature: Signature
    decisions: list[Decision]
    train: EncodedRows
    held_out: EncodedRows
    left_out: dict[str, int]
    folds: Folds
    notes: list[str]

    @property
    def task(self) -> Task:
        """The task of the signature."""
        return self.signature.task


def make(table: Table, spec: TrainingSpec) -> Plan:
    """Understand the target, split off the held-out rows, write the recipe from the rest.

    Raises:
        UnsuitableData: the data cannot be trained on; the text says why.
    """
    column = next((one for one in table.columns if one.name == spec.target), None)
    if column is None:
        raise UnsuitableData(f"The dataset has no column '{spec.target}'.")
    target = understand(column, table.values[spec.target], spec)
    rows = table.take(target.kept.tolist())
    by = sources(rows, spec)
    found = keys(rows, [spec.target])
    train, held_out = holding_out.held_out(found, target, spec, by.groups, by.times)
    written = recipe.write(rows.take(train.tolist()), spec.target, spec.columns)
    signature = Signature(
        target.task, spec.target, written.columns, written.features, target.labels
    )
    _check_range(written.features, rows)
    everything = EncodedRows(encode(written.features, rows), target.values, found)
    return Plan(
        signature,
        written.decisions,
        everything.take(train),
        everything.take(held_out),
        target.left_out,
        _folds(found, target, spec, by, train),
        [*target.notes, *by.notes, *look(rows, target, spec.target)],
    )


def _folds(
    found: Hashes, target: Target, spec: TrainingSpec, by: Sources, train: NDArray[np.int64]
) -> Folds:
    groups = None if by.groups is None else by.groups[train]
    times = None if by.times is None else by.times[train]
    return folding.folds(found[train], target.take(train), spec, groups, times)


def encode(features: Sequence[Feature], table: Table) -> Inputs:
    """Return a table's rows as ONNX inputs, by the code that prediction uses."""
    return {one.input: encode_column(one, table.values[one.column]) for one in features}


def _check_range(features: Sequence[Feature], table: Table) -> None:
    """Refuse a number that would turn into infinity; raises UnsuitableData."""
    kinds = {column.name: column.kind for column in table.columns}
    limit = float(np.finfo(np.float32).max)
    for feature in features:
        if kinds[feature.column] not in {"number", "integer"}:
            continue
        values = table.values[feature.column]
        worst = max((value for value in values if value is not None), key=abs)
        if abs(worst) > limit:
            raise UnsuitableData(
                f"The column '{feature.column}' holds {worst:g}, and a model's float32 at most "
                f"{limit:.4g}; rescale the column or leave it out."
            )
