"""Rows and predictions in each form, written and read by the libraries that callers have."""

import csv
import datetime as dt
import importlib.util
import io
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import grpc_tools
import pyarrow as pa
from google.protobuf.json_format import MessageToDict
from grpc_tools import protoc
from pyarrow import ipc

from functions.kit.contract.records.columns import Column

Row = dict[str, Any]
Rows = Sequence[Row]
JSON, LINES, CSV = "application/json", "application/jsonl", "text/csv"
ARROW, PROTOBUF = "application/vnd.apache.arrow.stream", "application/x-protobuf"
ARROW_TYPES = {
    "number": pa.float64(),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
    "category": pa.string(),
    "text": pa.string(),
    "date": pa.date32(),
    "datetime": pa.timestamp("us", "UTC"),
}


def plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    return value.isoformat() if isinstance(value, dt.date) else value


def as_json(rows: Rows) -> bytes:
    return json.dumps({"records": rows}, default=plain).encode()


def as_lines(rows: Rows) -> bytes:
    return b"\n".join(json.dumps(row, default=plain).encode() for row in rows)


def as_csv(rows: Rows) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, [*rows[0]])
    writer.writeheader()
    writer.writerows({name: plain(value) for name, value in row.items()} for row in rows)
    return file.getvalue().encode()


def as_arrow(rows: Rows, columns: Sequence[Column], **options: Any) -> bytes:
    fields = [(one.name, ARROW_TYPES[one.kind]) for one in columns]
    return arrow_stream(pa.Table.from_pylist([*rows], pa.schema(fields)), **options)


def arrow_stream(table: pa.Table, **options: Any) -> bytes:
    sink = pa.BufferOutputStream()
    written = ipc.IpcWriteOptions(**options)
    with ipc.new_stream(sink, table.schema, options=written) as writer:
        writer.write_table(table)
    whole: bytes = sink.getvalue().to_pybytes()
    return whole


def compiled(text: str, folder: Path, name: str) -> Any:
    """Return the module that protoc makes of a `.proto`, as it comes with grpcio-tools."""
    (folder / f"{name}.proto").write_text(text)
    known = Path(grpc_tools.__file__).parent / "_proto"
    asked = ["protoc", f"-I{folder}", f"-I{known}", f"--python_out={folder}", f"{name}.proto"]
    assert protoc.main(asked) == 0
    spec = importlib.util.spec_from_file_location(f"{name}_pb2", folder / f"{name}_pb2.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def as_protobuf(rows: Rows, module: Any, columns: Sequence[Column]) -> bytes:
    """Return rows as a client with the compiled schema writes them."""
    fields = module.Record.DESCRIPTOR.fields
    request = module.PredictRequest()
    for row in rows:
        record = request.records.add()
        for column, field in zip(columns, fields, strict=True):
            value = row.get(column.name)
            if value is None:
                continue
            if column.kind == "datetime":
                getattr(record, field.name).FromDatetime(value)
            else:
                setattr(record, field.name, plain(value))
    whole: bytes = request.SerializeToString()
    return whole


def of_json(body: bytes) -> list[Row]:
    found: list[Row] = json.loads(body)["predictions"]
    return found


def of_lines(body: bytes) -> list[Row]:
    found = [json.loads(line) for line in body.splitlines()]
    return [{name: value for name, value in one.items() if name != "id"} for one in found]


def of_csv(body: bytes, labels: Sequence[str]) -> list[Row]:
    rows = csv.DictReader(io.StringIO(body.decode(), newline=""))
    return [_of_cells(row, labels) for row in rows]


def _of_cells(row: Mapping[str, str], labels: Sequence[str]) -> Row:
    found: Row = {}
    if labels:
        found["label"] = row["label"]
        found["probability"] = float(row["probability"])
        found["probabilities"] = {label: float(row[f"p({label})"]) for label in labels}
    else:
        found["value"] = float(row["value"])
    if "low" in row:
        found["interval"] = {end: float(row[end]) for end in ("low", "high")}
    cells = {name: row.get(name, "") for name in ("set", "warnings", "explanation")}
    return found | {name: json.loads(cell) for name, cell in cells.items() if cell}


def of_arrow(body: bytes) -> list[Row]:
    rows: list[Row] = ipc.open_stream(body).read_all().to_pylist()
    for row in rows:
        row["warnings"] = [*map(_warning, row["warnings"])]
        if not row["warnings"]:
            del row["warnings"]
        if "explanation" in row:
            row["explanation"] = json.loads(row["explanation"])
    return rows


def _warning(given: Row) -> Row:
    found = {name: value for name, value in given.items() if value is not None}
    found["value"] = found.pop("text", None) or found.pop("number", None)
    return found


def of_protobuf(body: bytes, module: Any) -> list[Row]:
    found = []
    for one in module.PredictResponse.FromString(body).predictions:
        row = MessageToDict(one, always_print_fields_with_no_presence=True)
        if "probabilities" in row:  # float32, which text rounds
            row["probability"] = one.probability
            shares = one.probabilities
            names = {field.json_name: field.name for field in shares.DESCRIPTOR.fields}
            row["probabilities"] = {label: getattr(shares, name) for label, name in names.items()}
        if one.DESCRIPTOR.fields_by_name.get("set") and one.HasField("set"):
            row["set"] = [*one.set.labels]
        row["warnings"] = [*map(_warning, row["warnings"])]
        if not row["warnings"]:
            del row["warnings"]
        found.append(row)
    return found


Write = Callable[[Rows], bytes]
Read = Callable[[bytes], list[Row]]
