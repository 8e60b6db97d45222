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
from functions.training.learning import recipe
from functions.training.learning.recipe import Decision
from functions.training.learning.table import Table
from functions.training.model.jobs import Wish
from functions.training.model.task import (
    Target,
    Unfit,
    check_counts,
    understand,
)


@dataclass(frozen=True)
class Part:
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

    def take(self, places: NDArray[Any]) -> "Part":
        """Return the rows at `places`."""
        return Part({name: c[places] for name, c in self.inputs.items()}, self.target[places])


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
    train: Part
    held_out: Part
    left_out_rows: int

    @property
    def task(self) -> Task:
        """The task of the signature."""
        return self.signature.task


def make(table: Table, wish: Wish) -> Plan:
    """Understand the target, split off the held-out rows, write the recipe from the rest.

    Raises:
        Unfit: the data cannot be trained on; the text says why.
    """
    column = next((one for one in table.columns if one.name == wish.target), None)
    if column is None:
        raise Unfit(f"The dataset has no column '{wish.target}'.")
    kept = [place for place, value in enumerate(table.values[wish.target]) if value is not None]
    rows = table.take(kept)
    target = understand(column, rows.values[wish.target], wish.task, wish.positive)
    check_counts(wish.target, target, folds=wish.folds, holdout=wish.holdout)
    train, held_out = _split(target, wish)
    written = recipe.write(rows.take(train.tolist()), wish.target, wish.columns)
    signature = Signature(
        target.task, wish.target, written.columns, written.features, target.labels
    )
    _check_range(written.features, rows)
    values = np.array(target.values, dtype=np.int64 if target.labels else np.float64)
    everything = Part(encode(written.features, rows), values)
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
    """Refuse a number that would turn into infinity; raises Unfit."""
    kinds = {column.name: column.kind for column in table.columns}
    limit = float(np.finfo(np.float32).max)
    for feature in features:
        if kinds[feature.column] not in {"number", "integer"}:
            continue
        values = table.values[feature.column]
        worst = max((value for value in values if value is not None), key=abs)
        if abs(worst) > limit:
            raise Unfit(
                f"The column '{feature.column}' holds {worst:g}, and a model's float32 at most "
                f"{limit:.4g}; rescale the column or leave it out."
            )


def _split(target: Target, wish: Wish) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the places of the training and held-out rows, sorted; classes keep their shares."""
    places = np.arange(len(target.values))
    train, held_out = train_test_split(
        places,
        test_size=wish.holdout,
        random_state=wish.seed,
        stratify=target.values if target.labels else None,
    )
    return np.sort(train), np.sort(held_out)
