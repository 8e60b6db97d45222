"""A thousand rows a call: as JSON records, binary tensors and Arrow, against onnxruntime alone.

onnxruntime gets what the function gives it: arrays that are ready, in a process of its own core.
"""

import argparse
import csv
import json
import statistics
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from benchmarks.prediction.stack import COLUMNS, TABLE, Mayfly
from benchmarks.serving.loads import Side, load, middle, post
from benchmarks.serving.servers import Server
from functions.kit.contract.models.onnx import open_session

ROWS = 1000
CASTS: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(("pclass", "sibsp", "parch"), int),
    **dict.fromkeys(("age", "fare"), float),
}
LEAST = {"JSON records": 0.6, "binary tensors": 0.85, "Arrow": 0.85}
ARROW = "application/vnd.apache.arrow.stream"
Record = dict[str, Any]


def records() -> list[Record]:
    """Return rows of the table, with what they lack as None."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))[:ROWS]
    return [
        {name: CASTS.get(name, str)(row[name]) if row[name] else None for name in COLUMNS}
        for row in found
    ]


def as_json(given: list[Record], key: str) -> bytes:
    """Return the request of a prediction for records."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
    return post("/models/titanic/predict", json.dumps({"records": given}).encode(), headers)


def as_tensors(given: list[Record], key: str) -> bytes:
    """Return the request of the same for binary tensors, with the answer in tensors, too."""
    raws = {name: _raw(name, [row[name] for row in given]) for name in COLUMNS}
    inputs = [
        {
            "name": name,
            "shape": [len(given), 1],
            "datatype": _datatype(name),
            "parameters": {"binary_data_size": len(raw)},
        }
        for name, raw in raws.items()
    ]
    head = json.dumps({"inputs": inputs, "parameters": {"binary_data_output": True}}).encode()
    headers = {
        "Content-Type": "application/octet-stream",
        "Inference-Header-Content-Length": str(len(head)),
        "Authorization": f"Bearer {key}",
    }
    return post("/v2/models/titanic/infer", head + b"".join(raws.values()), headers)


def as_arrow(given: list[Record], key: str) -> bytes:
    """Return the request of the same as an Arrow stream, with the answer in Arrow, too."""
    table = pa.Table.from_pylist(given)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    headers = {"Content-Type": ARROW, "Authorization": f"Bearer {key}"}
    return post("/models/titanic/predict", sink.getvalue().to_pybytes(), headers)


def _datatype(name: str) -> str:
    if name not in CASTS:
        return "BYTES"
    return "INT64" if CASTS[name] is int else "FP64"


def _raw(name: str, values: list[Any]) -> bytes:
    if _datatype(name) == "BYTES":
        texts = [(value or "").encode() for value in values]
        return b"".join(struct.pack("<I", len(text)) + text for text in texts)
    dtype = "<i8" if _datatype(name) == "INT64" else "<f8"
    return (
        np.array([np.nan if value is None else value for value in values]).astype(dtype).tobytes()
    )


def feed(given: list[Record], file: Path) -> tuple[Any, dict[str, Any]]:
    """Return a session as the function opens it, and its inputs, ready."""
    session = open_session(file.read_bytes())
    inputs = {}
    for one in session.get_inputs():
        values = [row[one.name] for row in given]
        if one.type == "tensor(string)":
            array: Any = np.array([value or "" for value in values], dtype=object)
        else:
            array = np.array(values, np.float64 if one.type == "tensor(double)" else np.float32)
        inputs[one.name] = array.reshape(-1, 1)
    return session, inputs


def alone(session: Any, inputs: dict[str, Any], seconds: float) -> tuple[float, float]:
    """Return onnxruntime's runs a second, and the microseconds of processor of each."""
    count, began, used = 0, time.perf_counter(), time.process_time()
    while (took := time.perf_counter() - began) < seconds:
        session.run(["probabilities"], inputs)
        count += 1
    return count / took, (time.process_time() - used) / count * 1e6


def measure(ours: Server, mayfly: Mayfly, file: Path, options: argparse.Namespace) -> None:
    """Measure each kind of calls and onnxruntime in turns, and print them."""
    given = records()
    session, inputs = feed(given, file)
    asked = {
        "JSON records": as_json(given, mayfly.key),
        "binary tensors": as_tensors(given, mayfly.key),
        "Arrow": as_arrow(given, mayfly.key),
    }
    for name, request in asked.items():
        side = Side(ours.address, request, ours.process)
        load(side, 2, options.seconds / 4)
        base, found = [], []
        for _ in range(options.rounds):
            base.append(alone(session, inputs, options.seconds / 2))
            found.append(load(side, 2, options.seconds))
        mine = middle(found)
        rate, processor = (statistics.median(one) for one in zip(*base, strict=True))
        print(f"{ROWS:,} rows, {name:15}{mine}; onnxruntime {rate:,.0f}/s, {processor:.0f} us")
        print(
            f"    {mine.rate / rate:.2f} x the rate (wanted {LEAST[name]:g}), "
            f"{processor / mine.processor:.2f} x for the same processor's time",
            flush=True,
        )
