"""What comes out: the input's columns where they are wanted, and those of the predictions."""

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from functions.prediction.model.responses import column_chooser
from functions.prediction.model.values.arrow_sets import sets_of
from functions.prediction.service.batches.ports import Outcome
from functions.prediction.service.ports import Predictor

ROW, PROBLEM = "row", "problem"
LABEL, PROBABILITY, VALUE = "label", "probability", "value"
SET, LOW, HIGH = "set", "low", "high"


def probability_of(label: str) -> str:
    """Return the name of the column of a label's probability."""
    return f"p({label})"


def batch(
    row: int, outcome: Outcome, predictor: Predictor, joined: Mapping[str, pa.Array]
) -> pa.RecordBatch:
    """Return what is written of a block.

    Args:
        row: the place of its first row in the input, from 0; the file counts from 1.
        outcome: what became of its rows.
        predictor: the version.
        joined: the input's columns that are wanted, too; one that is called as a column of the
            predictions gets another name.
    """
    rows = len(outcome.output)
    columns: dict[str, pa.Array] = {ROW: pa.array(np.arange(row + 1, row + rows + 1))}
    are_missing = np.zeros(rows, bool)
    are_missing[[*outcome.problems]] = True
    find = _classes if predictor.version.signature.labels else _values
    given = find(outcome, predictor, are_missing)
    given[PROBLEM] = _problems(outcome.problems, rows)
    for name, values in joined.items():
        free = name
        while free in columns or free in given:
            free += " (input)"
        columns[free] = values
    columns |= given
    return pa.RecordBatch.from_arrays([*columns.values()], [*columns])


def _problems(found: Mapping[int, str], rows: int) -> pa.Array:
    if not found:
        return pa.nulls(rows, pa.string())
    return pa.array([found.get(place) for place in range(rows)], pa.string())


def _values(outcome: Outcome, predictor: Predictor, are_missing: np.ndarray) -> dict[str, pa.Array]:
    columns = {VALUE: outcome.output.ravel().astype(np.float64)}
    level = predictor.certain.usual
    if level is not None:
        ends = predictor.certain.interval(level, outcome.output, outcome.spread)
        columns |= dict(zip((LOW, HIGH), ends, strict=True))
    return {name: pa.array(values, mask=are_missing) for name, values in columns.items()}


def _classes(
    outcome: Outcome, predictor: Predictor, are_missing: np.ndarray
) -> dict[str, pa.Array]:
    signature, output, level = predictor.version.signature, outcome.output, predictor.certain.usual
    places = column_chooser(signature)(np.nan_to_num(output))
    chosen = output[np.arange(len(output)), places].astype(np.float64)
    words = pa.array(signature.labels, pa.string()).take(pa.array(places, mask=are_missing))
    columns = {LABEL: words, PROBABILITY: pa.array(chosen, mask=are_missing)}
    for label, values in zip(signature.labels, output.T, strict=True):
        columns[probability_of(label)] = pa.array(values.astype(np.float64), mask=are_missing)
    if level is not None:
        inside = predictor.certain.sets(level, np.nan_to_num(output, nan=1.0))
        columns[SET] = sets_of(inside, signature.labels, are_missing)
    return columns


def as_cells(rows: pa.Table) -> pa.Table:
    """Return rows as CSV can have them: lists, such as sets, and what has parts are JSON."""
    for place, field in enumerate(rows.schema):
        if not _is_cell(field.type):
            texts = [_as_json(value) for value in rows.column(place).to_pylist()]
            rows = rows.set_column(place, field.name, pa.array(texts, pa.string()))
    return rows


def _is_cell(kind: pa.DataType) -> bool:
    """Tell whether the library writes values of a type as they are."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or _is_plain(kind)


def _is_plain(kind: pa.DataType) -> bool:
    tests = (pa.types.is_primitive, pa.types.is_decimal, pa.types.is_null)
    return any(test(kind) for test in tests)


def _as_json(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else msgspec.json.encode(value).decode()
