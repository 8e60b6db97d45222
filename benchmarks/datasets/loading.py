"""A table of so many rows and twelve columns, in memory or as a dataset in a Mayfly."""

import io
import sys
import time
from typing import Any

import httpx
import numpy as np
import pyarrow as pa
from pyarrow import csv

from benchmarks.prediction.stack import Mayfly
from functions.kit.contract.records.columns import Column

COLOURS = ("red", "green", "blue", "black", "white")
WORDS = ("late", "fragile", "returned", "gift", "bulk", "sample", "urgent", "paid")
COLUMNS = [
    Column("sku", "text"),
    Column("price", "number"),
    Column("stock", "integer"),
    Column("active", "boolean"),
    Column("colour", "category"),
    Column("town", "text"),
    Column("note", "text"),
    Column("sold_at", "datetime"),
    Column("weight", "number"),
    Column("score", "integer"),
    Column("code", "text"),
    Column("owner", "text"),
]
LONGEST = 3_600.0


def table_of(rows: int) -> pa.Table:
    """Return rows that are the same each time."""
    chance = np.random.default_rng(7)
    numbers = np.arange(rows)
    words = chance.choice(WORDS, (rows, 4))
    notes = [f"{' '.join(some)} {number % 1000}" for number, some in enumerate(words.tolist())]
    seconds = 1_767_225_600 + chance.integers(0, 8_760, rows) * 3_600
    columns: dict[str, Any] = {
        "sku": [f"S{number:05d}" for number in numbers],
        "price": np.round(chance.lognormal(3, 1, rows), 2),
        "stock": chance.integers(0, 500, rows),
        "active": chance.random(rows) < 0.5,
        "colour": chance.choice(COLOURS, rows),
        "town": [f"town {number}" for number in chance.integers(0, 140, rows)],
        "note": pa.array(notes, mask=chance.random(rows) < 0.2),
        "sold_at": pa.array(seconds * 1_000_000, pa.timestamp("us", tz="UTC")),
        "weight": pa.array(np.round(chance.normal(50, 9, rows), 3), mask=chance.random(rows) < 0.1),
        "score": chance.integers(0, 10**9, rows),
        "code": [f"C{number:06d}x" for number in chance.integers(0, 10**6, rows)],
        "owner": [f"owner {number}" for number in chance.integers(0, 5_000, rows)],
    }
    return pa.table(columns)


def csv_of(rows: int) -> bytes:
    """Return such a table as a file."""
    content = io.BytesIO()
    csv.write_csv(table_of(rows), content)
    return content.getvalue()


def load(mayfly: Mayfly, rows: int, name: str = "rows") -> tuple[str, float]:
    """Upload and import so many rows; return the dataset's id, and the seconds that it took."""
    content = csv_of(rows)
    begun = time.monotonic()
    _send(mayfly, f"datasets?name={name}", content)
    _wait(mayfly, f"datasets/{name}", "ready")
    return name, time.monotonic() - begun


def append(mayfly: Mayfly, dataset: str, rows: int) -> float:
    """Import so many rows more into a dataset; return the seconds that it took."""
    content = csv_of(rows)
    begun = time.monotonic()
    _send(mayfly, f"datasets/{dataset}/imports?mode=append", content)
    _wait(mayfly, f"datasets/{dataset}/imports/1", "done")
    return time.monotonic() - begun


def _send(mayfly: Mayfly, path: str, content: bytes) -> None:
    files = {"file": ("rows.csv", content, "text/csv")}
    headers = {"Authorization": f"Bearer {mayfly.key}"}
    url = f"{mayfly.url}/function/datasets/{path}"
    answer = httpx.post(url, files=files, headers=headers, timeout=LONGEST)
    if not answer.is_success:
        sys.exit(f"{path}: {answer.status_code} {answer.text}")


def _wait(mayfly: Mayfly, path: str, state: str) -> None:
    """Wait until a dataset or an import is in a state."""
    begun = time.monotonic()
    while time.monotonic() - begun < LONGEST:
        found = mayfly.call("GET", f"datasets/{path}").json()
        if found["state"] == state:
            return
        if found["state"] in ("failed", "refused"):
            sys.exit(f"{path}: {found['failure']}")
        time.sleep(0.1)
    sys.exit(f"{path}: {found['rows_done']} of {found['rows']} rows after {LONGEST:.0f} s")
