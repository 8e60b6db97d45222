"""What comes out: the input's columns where they are wanted, and those of the predictions."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from functions.kit.contract.signature import Signature
from functions.prediction.model.responses import column_chooser
from functions.prediction.service.batches.ports import Predicted

ROW, PROBLEM = "row", "problem"
LABEL, PROBABILITY, VALUE = "label", "probability", "value"


def probability_of(label: str) -> str:
    """Return the name of the column of a label's probability."""
    return f"p({label})"


def batch(
    row: int, predicted: Predicted, signature: Signature, joined: Mapping[str, pa.Array]
) -> pa.RecordBatch:
    """Return what is written of a block.

    Args:
        row: the place of its first row in the input, from 0; the file counts from 1.
        predicted: what became of its rows.
        signature: of the model.
        joined: the input's columns that are wanted, too; one that is called as a column of the
            predictions gets another name.
    """
    rows = len(predicted.output)
    columns: dict[str, pa.Array] = {ROW: pa.array(np.arange(row + 1, row + rows + 1))}
    given = _predictions(predicted, signature)
    for name, values in joined.items():
        free = name
        while free in columns or free in given:
            free += " (input)"
        columns[free] = values
    columns |= given
    return pa.RecordBatch.from_arrays([*columns.values()], [*columns])


def _predictions(predicted: Predicted, signature: Signature) -> dict[str, pa.Array]:
    output, rows = predicted.output, len(predicted.output)
    are_missing = np.zeros(rows, bool)
    are_missing[[*predicted.problems]] = True
    problems = pa.array([predicted.problems.get(place) for place in range(rows)], pa.string())
    labels = signature.labels
    if not labels:
        values = output.ravel().astype(np.float64)
        return {VALUE: pa.array(values, mask=are_missing), PROBLEM: problems}
    places = column_chooser(signature)(np.nan_to_num(output))
    chosen = output[np.arange(rows), places].astype(np.float64)
    words = pa.array(labels, pa.string()).take(pa.array(places, mask=are_missing))
    columns = {LABEL: words, PROBABILITY: pa.array(chosen, mask=are_missing)}
    for label, values in zip(labels, output.T, strict=True):
        columns[probability_of(label)] = pa.array(values.astype(np.float64), mask=are_missing)
    return columns | {PROBLEM: problems}
