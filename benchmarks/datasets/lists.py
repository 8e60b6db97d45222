"""Pages of lists by many filters and orders through the gateway, beside DuckDB on the same rows.

``python -m benchmarks.datasets.lists [--rows 1000000] [--rounds 12] [--alone]``
"""

import argparse
import importlib
import io
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.datasets.loading import COLUMNS, append, load, table_of
from benchmarks.prediction.stack import Mayfly, running
from functions.datasets.adapters.tables.files import Tables
from functions.datasets.adapters.tables.schema import table_schema
from functions.datasets.model.queries import order, query
from functions.datasets.model.queries.query import Asked

LIMIT = 50
WANTED = 0.050  # seconds at the 95th percentile, with 100,000 rows
LONGEST_PAGE = 1.0  # seconds that no page takes, whatever is asked for
PROMISED = 100_000  # rows
Times = dict[tuple[str, str], list[float]]
Filter = tuple[str, dict[str, Any] | None, str]


def one(column: str, op: str, value: object = None) -> dict[str, Any]:
    """Return a condition."""
    return {"column": column, "op": op, "value": value}


# Name, `where`, and the same in SQL.
FILTERS: list[Filter] = [
    ("nothing", None, "true"),
    ("sku == one row", one("sku", "==", "S00042"), "sku = 'S00042'"),
    ("price > 20", one("price", ">", 20), "price > 20"),
    ("price > 10,000 (none)", one("price", ">", 10_000), "price > 10000"),
    ("stock != 7", one("stock", "!=", 7), "stock != 7"),
    ("active", one("active", "==", value=True), "active"),
    ("colour in two", one("colour", "in", ["red", "blue"]), "colour in ('red', 'blue')"),
    ("note contains", one("note", "contains", "urgent gift"), "contains(note, 'urgent gift')"),
    ("code starts", one("code", "starts", "C00"), "starts_with(code, 'C00')"),
    ("weight missing", one("weight", "missing"), "weight is null"),
    ("sold_at < a time", one("sold_at", "<", "2026-03-01"), "sold_at < '2026-03-01 00:00:00+00'"),
    (
        "price and (town or note)",
        {"and": [one("price", "<=", 50), {"or": [one("town", "==", "town 7"),
                                                 one("note", "contains", "late")]}]},
        "price <= 50 and (town = 'town 7' or contains(note, 'late'))",
    ),
]  # fmt: skip
SORTS = ["", "price", "-price", "colour,-weight", "-note", "sku", "-sold_at,town,stock"]


class Through:
    """Asks the function, through the gateway."""

    where = "through the gateway"

    def __init__(self, mayfly: Mayfly, dataset: str, client: httpx.Client) -> None:
        self._url = f"{mayfly.url}/function/datasets/datasets/{dataset}"
        self._client = client

    def page(self, **query: Any) -> tuple[float, str | None]:
        """Ask for a page; return how long it took, and the next one's cursor."""
        given = {name: value for name, value in query.items() if value}
        begun = time.perf_counter()
        answer = self._client.get(f"{self._url}/records", params={"limit": LIMIT, **given})
        took = time.perf_counter() - begun
        if answer.status_code != httpx.codes.OK:
            sys.exit(f"{query}: {answer.status_code} {answer.text}")
        return took, answer.json()["next"]

    def parquet(self) -> bytes:
        """Return all rows as a file."""
        return self._client.get(f"{self._url}/export.parquet").content


class Alone:
    """Asks a table in this process: what gateway, HTTP and import add is not in it."""

    where = "of the table alone"

    def __init__(self, rows: int) -> None:
        file, self._rows = io.BytesIO(), table_of(rows)
        with Tables(0).writer(file, COLUMNS, {"revision": 1}) as writer:
            ids = [pa.array(range(1, rows + 1)), pa.array([1] * rows)]
            whole = pa.table([*ids, *self._rows.columns], schema=table_schema(COLUMNS))
            part = io.BytesIO()
            pq.write_table(whole, part)
            writer.add_file(part)
        file.seek(0)
        self._table = Tables(2**40).load(file)

    def page(
        self,
        *,
        where: str | None = None,
        sort: str = "",
        cursor: str | None = None,
        count: str = "",
    ) -> tuple[float, str | None]:
        """Ask for a page; return how long it took, and the next one's cursor."""
        begun = time.perf_counter()
        wanted = query.read(Asked((), where, sort), COLUMNS)
        page = self._table.page(wanted, order.mark(cursor, wanted.keys), LIMIT + 1)
        if count:
            self._table.count(wanted.where)
        took = time.perf_counter() - begun
        if len(page) <= LIMIT:
            return took, None
        last = page[LIMIT - 1]
        return took, order.cursor_behind(wanted.keys, last.values, int(last.id))

    def parquet(self) -> bytes:
        """Return all rows as a file."""
        file = io.BytesIO()
        pq.write_table(self._rows, file)
        return file.getvalue()


def measure(lists: Through | Alone, where: str | None, sort: str, rounds: int) -> list[float]:
    """Ask for the first page, and every other time for the one after it; return the times."""
    times: list[float] = []
    for number in range(rounds):
        took, cursor = lists.page(where=where, sort=sort)
        times.append(took)
        if cursor is not None and number % 2:
            times.append(lists.page(where=where, sort=sort, cursor=cursor)[0])
    return times


def p95(times: list[float]) -> float:
    """Return the 95th percentile."""
    return sorted(times)[int(0.95 * len(times))]


def duck(parquet: bytes, folder: Path) -> Callable[[str, str], float] | None:
    """Return what asks DuckDB on the same rows, in this process; None where it is not there."""
    try:
        duckdb: Any = importlib.import_module("duckdb")
    except ImportError:
        return None
    (folder / "rows.parquet").write_bytes(parquet)
    base = duckdb.connect()
    base.execute(f"create table rows as select * from '{folder / 'rows.parquet'}'")

    def ask(where: str, sort: str) -> float:
        order = ", ".join(_sql(key) for key in sort.split(",") if key)
        by = f"order by {order}" if order else ""
        begun = time.perf_counter()
        base.execute(f"select * from rows where {where} {by} limit {LIMIT}").fetchall()
        return time.perf_counter() - begun

    return ask


def _sql(key: str) -> str:
    way = "desc" if key.startswith("-") else "asc"
    return f"{key.removeprefix('-')} {way} nulls last"


def report(rows: int, where: str, ours: Times, base: Times) -> bool:
    """Print a line for each filter and each order; tell whether all is as wanted."""
    print(f"{rows:,} rows, ms {where}            p50     p95     most   DuckDB p95 (in process)")
    worst = 0.0
    for place, names in enumerate(([name for name, _, _ in FILTERS], SORTS)):
        for name in names:
            mine = [one for key, times in ours.items() if key[place] == name for one in times]
            theirs = [one for key, times in base.items() if key[place] == name for one in times]
            worst = max(worst, p95(mine))
            told = [
                statistics.median(mine),
                p95(mine),
                max(mine),
                *([p95(theirs)] if theirs else []),
            ]
            title = f"{'order ' if place else ''}{name or 'by id'}"
            print(f"  {title:32}", *(f"{1000 * one:7.1f}" for one in told))
    slowest = max(one for times in ours.values() for one in times)
    good = (worst <= WANTED or rows > PROMISED) and slowest < LONGEST_PAGE
    print(
        f"worst p95 {1000 * worst:.1f} ms (wanted 50 for {PROMISED:,} rows), slowest page "
        f"{1000 * slowest:.1f} ms (wanted < 1000): {'ok' if good else 'ABOVE'}"
    )
    return good


def run(lists: Through | Alone, rows: int, rounds: int) -> bool:
    """Measure all filters and orders."""
    ours: Times = {}
    base: Times = {}
    with tempfile.TemporaryDirectory() as folder:
        ask = duck(lists.parquet(), Path(folder))
        lists.page(sort="-note")
        for name, where, sql in FILTERS:
            text = None if where is None else json.dumps(where)
            for sort in SORTS:
                ours[name, sort] = measure(lists, text, sort, rounds)
                if ask is not None:
                    base[name, sort] = [ask(sql, sort) for _ in range(rounds)]
    urgent = json.dumps(one("note", "contains", "urgent"))
    times = [lists.page(where=urgent, count="true")[0] for _ in range(2 * rounds)]
    print(f"a page with count=true: p95 {1000 * p95(times):.1f} ms")
    return report(rows, lists.where, ours, base)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=PROMISED)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--alone", action="store_true", help="the table alone, without import")
    given = parser.parse_args()
    if given.alone:
        sys.exit(0 if run(Alone(given.rows), given.rows, given.rounds) else 1)
    with running() as mayfly:
        dataset, seconds = load(mayfly, given.rows)
        print(f"imported {given.rows:,} rows in {seconds:.1f} s", flush=True)
        headers = {"Authorization": f"Bearer {mayfly.key}"}
        with httpx.Client(headers=headers, timeout=120) as client:
            lists = Through(mayfly, dataset, client)
            print(f"first list of a replica: {1000 * lists.page()[0]:.0f} ms", flush=True)
            good = run(lists, given.rows, given.rounds)
            more = min(given.rows, PROMISED)
            seconds = append(mayfly, dataset, more)
            print(f"imported {more:,} more in {seconds:.1f} s", flush=True)
            first, later = (1000 * lists.page()[0] for _ in range(2))
            print(f"first list after that: {first:.0f} ms, the next one {later:.0f} ms", flush=True)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
