"""Answers as Arrow's IPC stream: typed columns, and who answered in the schema's metadata."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from msgspec import UNSET
from pyarrow import ipc

from functions.kit.contract.models.features import Array
from functions.prediction.model.responses import column_chooser
from functions.prediction.model.unusual import Warnings
from functions.prediction.model.values.arrow_sets import sets_of
from functions.prediction.transport.records.formats.beside import as_json, warned
from functions.prediction.transport.records.formats.forms import Answered

_INTERVAL = [pa.field("low", pa.float64()), pa.field("high", pa.float64())]
_NUMBERS = ("number", "minimum", "maximum")
_WARNING = pa.struct(
    {**dict.fromkeys(("column", "kind", "text"), pa.string())}
    | dict.fromkeys(_NUMBERS, pa.float64())
)


def write(answered: Answered) -> bytes:
    """Return an answer's bytes: typed columns, and who answered in the schema's metadata."""
    fields = _columns(answered) | _beside(answered)
    batch = pa.RecordBatch.from_arrays([*fields.values()], [*fields]).replace_schema_metadata(
        _said(answered)
    )
    sink = pa.BufferOutputStream()
    with ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    body: bytes = sink.getvalue().to_pybytes()
    return body


def _said(answered: Answered) -> dict[str, str]:
    """Return what is said of all predictions together."""
    version, level = answered.predictor.version, answered.described.level
    said = {"id": answered.id, "model": version.model, "version": str(version.version)}
    if level is not UNSET:
        said["level"] = repr(level)
    if answered.notices:
        said["notices"] = as_json(answered.notices)
    if answered.reason:
        said["why"] = answered.reason
    return said


def _columns(answered: Answered) -> dict[str, pa.Array]:
    output, labels = answered.output, answered.predictor.version.signature.labels
    if not labels:
        return {"value": pa.array(output.ravel())}
    places = column_chooser(answered.predictor.version.signature)(output)
    return {
        "label": pa.DictionaryArray.from_arrays(pa.array(places.astype(np.int32)), labels),
        "probability": pa.array(output[np.arange(len(output)), places]),
        "probabilities": _by_label(labels, output),
    }


def _by_label(labels: Sequence[str], output: Array) -> pa.Array:
    values = [pa.array(np.ascontiguousarray(column)) for column in output.T]
    return pa.StructArray.from_arrays(values, [*labels])


def _beside(answered: Answered) -> dict[str, pa.Array]:
    described, predictor = answered.described, answered.predictor
    given, level, labels = described.given, described.level, predictor.version.signature.labels
    columns: dict[str, pa.Array] = {}
    if level is not UNSET and labels:
        columns["set"] = sets_of(predictor.certain.sets(level, given.output), labels)
    elif level is not UNSET:
        ends = predictor.certain.interval(level, given.output, given.spread)
        columns["interval"] = pa.StructArray.from_arrays([*map(pa.array, ends)], fields=_INTERVAL)
    columns["warnings"] = _warnings(len(given.output), described.warnings)
    if given.explanations:
        columns["explanation"] = pa.array([*map(as_json, given.explanations)])
    return columns


def _warnings(rows: int, found: Warnings) -> pa.Array:
    if not found:  # as a rule: no list a row is made for that
        return pa.ListArray.from_arrays(np.zeros(rows + 1, np.int32), pa.array([], _WARNING))
    warnings = [[*map(warned, found.get(row, ()))] for row in range(rows)]
    return pa.array(warnings, pa.list_(_WARNING))
