"""Tables of predictions with their labels as the arrays that quality is measured from."""

from typing import TYPE_CHECKING, Any

from functions.kit.contract.models.readable import readable_values
from functions.kit.contract.models.signature import Signature
from functions.kit.lazy import Lazy
from functions.monitoring.adapters.tables import INPUT, PROBABILITY
from functions.monitoring.model.quality.rows import Rows, read_truth

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
else:
    np = Lazy("numpy")


def read_rows(signature: Signature, table: "pa.Table") -> Rows:
    """Return the predictions of a table that say all that the version gives.

    Args:
        signature: of the version.
        table: as the log has it, with `label`.
    """
    predicted = _predicted(signature, table)
    told = np.isfinite(predicted.reshape(len(table), max(len(signature.labels), 1))).all(axis=1)
    truth, strange = read_truth(signature, table["label"].to_pylist())
    names = [one.name for one in signature.columns]
    held = {
        name: table[f"{INPUT}{name}"].to_pylist()
        for name in names
        if f"{INPUT}{name}" in table.column_names
    }
    columns = readable_values(signature, held)
    spread = _numbers(table, "spread") if _is_scaled(signature) else None
    return Rows(truth, predicted, columns, spread, strange).take(told)


def _predicted(signature: Signature, table: "pa.Table") -> Any:
    if not signature.labels:
        return _numbers(table, "value")
    each = [_numbers(table, f"{PROBABILITY}{label}") for label in signature.labels]
    return np.stack(each, axis=1)


def _numbers(table: "pa.Table", name: str) -> Any:
    """Return a column as float64, NaN where there is nothing."""
    if name not in table.column_names:
        return np.full(len(table), np.nan)
    return np.array(table[name].to_pylist(), dtype=np.float64)


def _is_scaled(signature: Signature) -> bool:
    return signature.certainty is not None and signature.certainty.scaled
