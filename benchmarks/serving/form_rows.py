"""What the forms are compared on: rows of so many numbers and words, in each form, and a model."""

import csv
import hashlib
import io
import json
import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
from onnx import TensorProto, helper
from pyarrow import ipc

from functions.kit.contract.models.registration import ModelFile, Version
from functions.kit.contract.models.signature import Feature, Signature
from functions.kit.contract.records.columns import Column
from functions.prediction.adapters.predictor import Predictor
from functions.prediction.transport.records.formats import media, protobuf

COLUMNS = 20
WORDS = ["north", "south", "east", "west", "first class", "second class", "unknown", "returned"]
Row = dict[str, Any]


def table(numeric: int, rows: int) -> list[Row]:
    """Return rows of which so many columns are numbers, and the rest words; some are missing."""
    drawn = random.Random(0)

    def value(place: int) -> Any:
        if drawn.random() < 0.05:
            return None
        number = round(drawn.lognormvariate(4, 2), 3)
        return number if place < numeric else drawn.choice(WORDS)

    return [{f"column_{place}": value(place) for place in range(COLUMNS)} for _ in range(rows)]


def predictor(numeric: int) -> Predictor:
    """Return a model of such columns, which is as quick as one can be: forms are measured."""
    signature = Signature(
        task="binary",
        target="y",
        columns=[
            Column(f"column_{place}", "number" if place < numeric else "category")
            for place in range(COLUMNS)
        ],
        features=[
            Feature(f"column_{place}", f"x{place}", "float" if place < numeric else "string")
            for place in range(COLUMNS)
        ],
        labels=["no", "yes"],
    )
    data = _graph(signature).SerializeToString()
    file = ModelFile("models/x.onnx", hashlib.sha256(data).hexdigest(), len(data))
    version = Version(
        model="compared", version=1, job="", dataset="", revision=1, snapshot="", target="y",
        task="binary", algorithm="none", signature=signature, file=file,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    return Predictor(version, data)


def _graph(signature: Signature) -> Any:
    """Return a graph that looks at the first column, and takes the others."""
    kinds = {"float": TensorProto.FLOAT, "string": TensorProto.STRING}
    first = signature.features[0]
    nodes = [
        helper.make_node("IsNaN", ["number"], ["nan"]),
        helper.make_node("Cast", ["nan"], ["zero"], to=TensorProto.FLOAT),
        helper.make_node("Concat", ["zero", "zero"], ["both"], axis=1),
        helper.make_node("Softmax", ["both"], ["probabilities"], axis=1),
    ]
    read: dict[str, Any] = {"keys_strings": WORDS, "values_floats": [0.0] * len(WORDS)}
    if first.encoding == "float":
        begin = helper.make_node("Identity", [first.input], ["number"])
    else:
        begin = helper.make_node(
            "LabelEncoder", [first.input], ["number"], domain="ai.onnx.ml", **read
        )
    graph = helper.make_graph(
        [begin, *nodes],
        "compared",
        [
            helper.make_tensor_value_info(one.input, kinds[one.encoding], [None, 1])
            for one in signature.features
        ],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [None, 2])],
    )
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid("ai.onnx.ml", 3)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=9)


def bodies(rows: Sequence[Row], model: Predictor) -> dict[str, bytes]:
    """Return the body that asks for rows in each form, by its media type."""
    writers: dict[str, Callable[[], bytes]] = {
        media.JSON: lambda: _json({"records": rows}),
        media.JSON_LINES: lambda: b"".join(_json(row) + b"\n" for row in rows),
        media.CSV: lambda: _csv(rows),
        media.ARROW: lambda: _arrow(rows, model),
        media.PROTOBUF: lambda: _protobuf(rows, model),
    }
    return {kind: write() for kind, write in writers.items()}


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _csv(rows: Sequence[Row]) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, [*rows[0]])
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


def _arrow(rows: Sequence[Row], model: Predictor) -> bytes:
    """Return a stream whose words are dictionaries, as those of data frames' categories are."""
    words = pa.dictionary(pa.int8(), pa.string())
    kinds = {"number": pa.float64(), "category": words}
    fields = [(one.name, kinds[one.kind]) for one in model.version.signature.columns]
    found = pa.Table.from_pylist([*rows], pa.schema(fields))
    sink = pa.BufferOutputStream()
    with ipc.new_stream(sink, found.schema) as writer:
        writer.write_table(found)
    return bytes(sink.getvalue())


def _protobuf(rows: Sequence[Row], model: Predictor) -> bytes:
    known = protobuf.schema(model)
    parts = []
    for row in rows:
        there = {field: row[column.name] for column, field in known.columns}
        record = known.record(**{name: one for name, one in there.items() if one is not None})
        whole = record.SerializeToString()
        parts.append(b"\x0a" + _varint(len(whole)) + whole)
    return b"".join(parts)


def _varint(number: int) -> bytes:
    more, rest = divmod(number, 128)
    return bytes([128 + rest]) + _varint(more) if more else bytes([rest])
