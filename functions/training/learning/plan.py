"""From a table and a request to what every step trains and tests on.

Deterministic: each step makes the plan again from the immutable snapshot, so that no step hands
another more than the job's name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

from functions.kit.contract.features import Inputs, encode_column
from functions.kit.contract.signature import Feature, Signature, Task
from functions.training.learning.preprocessing import recipe
from functions.training.learning.preprocessing.recipe import Decision
from functions.training.learning.table import Table
from functions.training.model.spec import TrainingSpec
from functions.training.model.task import (
    Target,
    UnsuitableData,
    check_counts,
    understand,
)


@dataclass(frozen=True)
class EncodedRows:
    """Rows ready for a model.

    Attributes:
        inputs: ONNX input name → array of shape [rows, 1].
        target: the label's place (int64) or the number (float64), shape [rows].
    """

    inputs: Inputs
    target: NDArray[Any]

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
            {name: c[places] for name, c in self.inputs.items()}, self.target[places]
        )


@dataclass(frozen=True)
class Plan:
    """A job's data, split.

    Attributes:
        train: what candidates are fitted and cross-validated on.
        held_out: rows that only the final evaluation sees.
        left_out_rows: rows without a target.
    """

    signature: Signature
    decisions: list[Decision]
    train: EncodedRows
    held_out: EncodedRows
    left_out_rows: int

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
    kept = [place for place, value in enumerate(table.values[spec.target]) if value is not None]
    rows = table.take(kept)
    target = understand(column, rows.values[spec.target], spec.task, spec.positive)
    check_counts(spec.target, target, folds=spec.folds, holdout=spec.holdout)
    train, held_out = _split(target, spec)
    written = recipe.write(rows.take(train.tolist()), spec.target, spec.columns)
    signature = Signature(
        target.task, spec.target, written.columns, written.features, target.labels
    )
    _check_range(written.features, rows)
    values = np.array(target.values, dtype=np.int64 if target.labels else np.float64)
    everything = EncodedRows(encode(written.features, rows), values)
    return Plan(
        signature,
        written.decisions,
        everything.take(train),
        everything.take(held_out),
        table.rows - rows.rows,
    )


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


def _split(target: Target, spec: TrainingSpec) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the places of the training and held-out rows, sorted; classes keep their shares."""
    places = np.arange(len(target.values))
    train, held_out = train_test_split(
        places,
        test_size=spec.holdout,
        random_state=spec.seed,
        stratify=target.values if target.labels else None,
    )
    return np.sort(train), np.sort(held_out)
