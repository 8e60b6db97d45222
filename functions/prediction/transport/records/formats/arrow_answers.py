"""Answers as Arrow's IPC stream: typed columns, and who answered in the schema's metadata."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from msgspec import UNSET
from pyarrow import ipc

from functions.kit.contract.models.features import Array
from functions.prediction.model.responses import PredictResponse, column_chooser
from functions.prediction.model.values.arrow_sets import sets_of
from functions.prediction.transport.records.formats.beside import as_json, has, warned
from functions.prediction.transport.records.formats.forms import Answered

_INTERVAL = pa.struct({"low": pa.float64(), "high": pa.float64()})
_NUMBERS = ("number", "minimum", "maximum")
_WARNING = pa.struct(
    {**dict.fromkeys(("column", "kind", "text"), pa.string())}
    | dict.fromkeys(_NUMBERS, pa.float64())
)


def write(answered: Answered) -> bytes:
    """Return an answer's bytes: typed columns, and who answered in the schema's metadata."""
    answer = answered.response
    fields = _columns(answered) | _beside(answered)
    batch = pa.RecordBatch.from_arrays([*fields.values()], [*fields]).replace_schema_metadata(
        _said(answer)
    )
    sink = pa.BufferOutputStream()
    with ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    body: bytes = sink.getvalue().to_pybytes()
    return body


def _said(answer: PredictResponse[Any]) -> dict[str, str]:
    """Return what is said of all predictions together."""
    said = {"id": answer.id, "model": answer.model, "version": str(answer.version)}
    if answer.level is not UNSET:
        said["level"] = repr(answer.level)
    if answer.notices:
        said["notices"] = as_json(answer.notices)
    if answer.why:
        said["why"] = answer.why
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
    found, predictor = answered.response.predictions, answered.predictor
    level, labels = answered.response.level, predictor.version.signature.labels
    columns: dict[str, pa.Array] = {}
    if level is not UNSET and labels:
        columns["set"] = sets_of(predictor.certain.sets(level, answered.output), labels)
    if has(found, "interval"):
        ends = zip(*((one.interval.low, one.interval.high) for one in found), strict=True)
        columns["interval"] = pa.StructArray.from_arrays(
            [pa.array(one, pa.float64()) for one in ends], fields=[*_INTERVAL]
        )
    columns["warnings"] = _warnings(found)
    if has(found, "explanation"):
        columns["explanation"] = pa.array([as_json(one.explanation) for one in found])
    return columns


def _warnings(found: Sequence[Any]) -> pa.Array:
    if not any(one.warnings for one in found):  # as a rule: no list a row is made for that
        return pa.ListArray.from_arrays(np.zeros(len(found) + 1, np.int32), pa.array([], _WARNING))
    warnings = [[*map(warned, one.warnings)] for one in found]
    return pa.array(warnings, pa.list_(_WARNING))
