"""Columns of a table as a model's inputs, by the code that prediction uses."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from functions.kit.contract.models.features import Inputs, encode_column
from functions.kit.contract.models.signature import Feature, Signature
from functions.kit.contract.records.columns import Kind
from functions.training.learning.table import Table
from functions.training.model.task import UnsuitableData


def encode(signature: Signature, table: Table) -> Inputs:
    """Return a table's rows as ONNX inputs.

    Raises:
        UnsuitableData: a number is too large for a model.
    """
    kinds = {column.name: column.kind for column in signature.columns}
    return {one.input: _encoded(one, kinds, table) for one in signature.features}


def encode_feature(signature: Signature, name: str, table: Table) -> NDArray[Any]:
    """Return one input, [rows, 1]; as `encode`.

    Raises:
        KeyError: there is no such input.
        UnsuitableData: a number is too large for a model.
    """
    kinds = {column.name: column.kind for column in signature.columns}
    by_input = {one.input: one for one in signature.features}
    return _encoded(by_input[name], kinds, table)


def _encoded(feature: Feature, kinds: dict[str, Kind], table: Table) -> NDArray[Any]:
    values = table.array(feature.column)
    _check_range(feature, values)
    found: NDArray[Any] = encode_column(feature, kinds[feature.column], values)
    return found


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
