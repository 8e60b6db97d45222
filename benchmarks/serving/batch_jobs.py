"""A table of a million rows as a batch, against onnxruntime alone with arrays that are ready.

The batch is timed from its start (the file is there) to the moment at which its predictions can be
had: cut, fanned out over the queue, read, checked, predicted, written, put together.
"""

import argparse
import io
import tempfile
import time
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
from pyarrow import csv, parquet

from benchmarks.prediction.stack import (
    COLUMNS,
    MODEL,
    TABLE,
    Mayfly,
    ensure_model,
    model_file,
    running,
)
from functions.kit.contract.models.features import Array, column_encoder
from functions.kit.contract.models.onnx import open_session, runner
from functions.kit.contract.models.signature import Signature
from functions.kit.contract.records.columns import Kind
from functions.prediction.adapters.batches.tables import BLOCK

_FIELDS = Signature.__struct_fields__
LEAST = 0.5
LONGEST = 600.0
PARQUET = "application/vnd.apache.parquet"


def main() -> None:
    """Measure, and exit with 1 where it is slower than wanted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with running() as mayfly, tempfile.TemporaryDirectory() as folder:
        ensure_model(mayfly)
        table = _table(given.rows)
        sent = io.BytesIO()
        parquet.write_table(table, sent)
        raw = _raw(mayfly, table, Path(folder))
        ratios = [_round(mayfly, sent.getvalue(), raw, given.rows) for _ in range(given.rounds)]
    ratio = sorted(ratios)[len(ratios) // 2]
    print(f"batch: {ratio:.2f} of raw onnxruntime ({LEAST} wanted)")
    raise SystemExit(ratio < LEAST)


def _table(rows: int) -> pa.Table:
    """Return so many passengers, those of the table again and again."""
    found = csv.read_csv(TABLE).select(COLUMNS)
    places = np.arange(rows) % found.num_rows
    return found.take(pa.array(places)).combine_chunks()


def _raw(mayfly: Mayfly, table: pa.Table, folder: Path) -> float:
    """Return the seconds that onnxruntime takes for all rows, a block at a time."""
    session = open_session(model_file(mayfly, folder).read_bytes())
    found = mayfly.call("GET", f"prediction/models/{MODEL}/signature").json()
    signature = msgspec.convert({name: found[name] for name in found if name in _FIELDS}, Signature)
    columns = {
        column.name: _ready(table[column.name], column.kind)
        for column in signature.columns
        if column.name in COLUMNS
    }
    inputs = column_encoder(signature)(table.num_rows, columns)
    run = runner(session, signature.output)
    began = time.perf_counter()
    for begin in range(0, table.num_rows, BLOCK):
        run({name: values[begin : begin + BLOCK] for name, values in inputs.items()})
    return time.perf_counter() - began


def _ready(values: pa.ChunkedArray, kind: Kind) -> Array:
    """Return a column's values as the encoder takes them."""
    if kind in {"number", "integer"}:
        return np.asarray(values.cast(pa.float64()).fill_null(np.nan))
    return np.array(values.cast(pa.string()).fill_null("").to_pylist(), object)


def _round(mayfly: Mayfly, data: bytes, raw: float, rows: int) -> float:
    headers = {"Content-Type": PARQUET}
    path = f"prediction/models/{MODEL}/batches"
    batch = mayfly.call("POST", f"{path}/file", content=data, headers=headers).json()
    began = time.perf_counter()
    while (found := mayfly.call("GET", f"{path}/{batch['id']}").json())["state"] != "succeeded":
        if found["state"] == "failed" or time.perf_counter() - began > LONGEST:
            raise SystemExit(f"the batch has {found['state']}: {found['failure']}")
        time.sleep(0.05)
    seconds = time.perf_counter() - began
    if found["rows"] != rows or found["progress"]["rows_refused"]:
        raise SystemExit(f"not every row was predicted: {found}")
    print(f"{rows:,} rows: batch {seconds:.2f} s, onnxruntime alone {raw:.2f} s")
    mayfly.call("DELETE", f"{path}/{batch['id']}")
    return raw / seconds


if __name__ == "__main__":
    main()
