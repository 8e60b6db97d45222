"""Between tensors and a signature: one input for each column, named by it or by its ONNX input."""

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from functions.kit.contract.errors import Unreadable
from functions.kit.contract.models.features import Array
from functions.kit.contract.models.registration import Version
from functions.kit.contract.models.signature import Signature
from functions.kit.contract.records.columns import Column, Kind
from functions.kit.contract.requests.decoding import nearest
from functions.kit.lazy import Lazy
from functions.prediction.model.records import MOST_RECORDS, wrong_count
from functions.prediction.model.responses import column_chooser
from functions.prediction.model.tables import Given, Table, TableReader
from functions.prediction.transport.open_inference import tensors
from functions.prediction.transport.open_inference.messages import (
    InputTensor,
    TensorMetadata,
    WantedOutput,
)

if TYPE_CHECKING:
    import numpy as np
else:
    np = Lazy("numpy")

PLATFORM = "onnx_onnxv1"
LEAST_ROWS = 16
"""Rows from which on whole columns are faster than records."""

DATATYPES: dict[Kind, str] = {
    "number": "FP32",
    "integer": "INT64",
    "boolean": "BOOL",
    "category": "BYTES",
    "text": "BYTES",
    "datetime": "BYTES",
    "date": "BYTES",
}


def inputs(signature: Signature) -> list[TensorMetadata]:
    """Describe what a model takes: its columns."""
    doubles = {one.column for one in signature.features if one.encoding == "double"}
    return [
        TensorMetadata(column.name, _datatype(column, is_double=column.name in doubles), [-1, 1])
        for column in signature.columns
    ]


def _datatype(column: Column, *, is_double: bool) -> str:
    return "FP64" if column.kind == "number" and is_double else DATATYPES[column.kind]


def outputs(signature: Signature, *, is_double: bool) -> list[TensorMetadata]:
    """Describe what a model gives; `is_double` says whether its file gives float64."""
    if signature.task == "regression":
        return [TensorMetadata("value", "FP64" if is_double else "FP32", [-1, 1])]
    return [
        TensorMetadata("label", "BYTES", [-1, 1]),
        TensorMetadata("probabilities", "FP32", [-1, len(signature.labels)]),
    ]


def config(version: Version, *, is_double: bool) -> dict[str, Any]:
    """Describe a version in the terms of Triton's model configuration; as `outputs`."""

    def tensors_of(described: Sequence[TensorMetadata]) -> list[dict[str, Any]]:
        return [
            {"name": one.name, "data_type": _config_type(one), "dims": one.shape[1:]}
            for one in described
        ]

    return {
        "name": version.model,
        "platform": PLATFORM,
        "backend": "onnxruntime",
        "max_batch_size": MOST_RECORDS,
        "input": tensors_of(inputs(version.signature)),
        "output": tensors_of(outputs(version.signature, is_double=is_double)),
    }


def _config_type(tensor: TensorMetadata) -> str:
    return "TYPE_STRING" if tensor.datatype == tensors.BYTES else f"TYPE_{tensor.datatype}"


def rows(
    signature: Signature, given: Sequence[InputTensor], raws: Sequence[bytes | None]
) -> list[dict[str, Any]]:
    """Return the records that the inputs hold, not yet checked against the signature.

    NaN, null and the empty text mean a missing value.

    Raises:
        Unreadable: that names the input.
    """
    columns = {feature.input: feature.column for feature in signature.features}
    columns |= {column.name: column.name for column in signature.columns}
    kinds = {column.name: column for column in signature.columns}
    table: dict[str, list[Any]] = {}
    for tensor, raw in zip(given, raws, strict=True):
        name = columns.get(tensor.name)
        if name is None:
            known = ", ".join(kinds)
            meant = nearest(tensor.name, [*kinds])
            raise Unreadable(f"The model has no input '{tensor.name}'{meant}; it takes {known}.")
        if name in table:
            raise Unreadable(f"The input '{name}' is there twice.")
        convert = converter(kinds[name])
        table[name] = [convert(value) for value in tensors.values(tensor, raw)]
    return _transposed(table)


def table(
    reader: TableReader, given: Sequence[InputTensor], raws: Sequence[bytes | None]
) -> Table | None:
    """Return the inputs as a table, where they are many rows of bytes that fit; else None.

    What `rows` would say of them is the same, or an error, which it tells.
    """
    columns: dict[str, Given] = {}
    counts = {tensor.shape[0] if tensor.shape else 0 for tensor in given}
    if len(counts) != 1 or not LEAST_ROWS <= (count := counts.pop()) <= MOST_RECORDS:
        return None
    for tensor, raw in zip(given, raws, strict=True):
        name = reader.names.get(tensor.name)
        column = None if raw is None else tensors.column(tensor, raw)
        if name is None or column is None or name in columns:
            return None
        columns[name] = column
    return reader.read(count, columns)


def _transposed(table: dict[str, list[Any]]) -> list[dict[str, Any]]:
    lengths = {name: len(column) for name, column in table.items()}
    if len(set(lengths.values())) > 1:
        raise Unreadable(f"The inputs differ in their number of rows: {lengths}.")
    count = next(iter(lengths.values()), 0)
    if not 1 <= count <= MOST_RECORDS:
        raise wrong_count(count)
    return [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]


def converter(column: Column) -> Callable[[Any], Any]:
    """Return what makes a tensor's value one that a record of the column has."""
    match column.kind:
        case "number":
            return _number
        case "integer":
            return _integer
        case "boolean":
            return _boolean
        case _:
            return _filled


def _number(value: Any) -> Any:
    # A boolean stays what it is, to be refused.
    if value is None or isinstance(value, bool | str):
        return value
    return None if math.isnan(value) else float(value)


def _integer(value: Any) -> Any:
    if not isinstance(value, float):
        return value
    if math.isnan(value):
        return None
    return int(value) if value.is_integer() else value


def _boolean(value: Any) -> Any:
    if isinstance(value, float) and math.isnan(value):
        return None
    return bool(value) if value in {0, 1} else value


def _filled(value: Any) -> Any:
    return None if value == "" else value


def results(
    signature: Signature, output: Array, wanted: Sequence[WantedOutput]
) -> list[tuple[TensorMetadata, Array | list[str], WantedOutput]]:
    """Return the outputs that are wanted, or all, each with its values, flat.

    Args:
        signature: of the model.
        output: probabilities [rows, labels] or values [rows, 1].
        wanted: by the caller; none means all.

    Raises:
        Unreadable: an output is wanted that there is not.
    """
    known = {
        one.name: TensorMetadata(one.name, one.datatype, [len(output), one.shape[1]])
        for one in outputs(signature, is_double=output.dtype == np.float64)
    }
    found = []
    for one in wanted or [WantedOutput(name) for name in known]:
        if one.name not in known:
            names = ", ".join(known)
            raise Unreadable(f"The model has no output '{one.name}'; it gives {names}.")
        flat = _labels(signature, output) if one.name == "label" else output.ravel()
        found.append((known[one.name], flat, one))
    return found


def _labels(signature: Signature, output: Array) -> list[str]:
    places = column_chooser(signature)(output)
    return [*map(signature.labels.__getitem__, places.tolist())]
