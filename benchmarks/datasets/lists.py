"""Pages of lists by many filters and orders through the gateway, beside DuckDB on the same rows.

``python -m benchmarks.datasets.lists [--rows 1000000] [--rounds 12]``
"""

import argparse
import importlib
import io
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx

from benchmarks.datasets.loading import load
from benchmarks.prediction.stack import Mayfly, running

LIMIT = 50
WANTED = 0.050  # seconds at the 95th percentile, with 100,000 rows
LONGEST_PAGE = 1.0  # seconds that no page takes, whatever is asked for
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


def asked(mayfly: Mayfly, dataset: str, client: httpx.Client, **query: Any) -> tuple[float, Any]:
    """Ask for a page; return how long it took, and the answer."""
    given = {name: value for name, value in query.items() if value is not None}
    url = f"{mayfly.url}/function/datasets/datasets/{dataset}/records"
    begun = time.perf_counter()
    answer = client.get(url, params={"limit": LIMIT, **given})
    took = time.perf_counter() - begun
    if answer.status_code != httpx.codes.OK:
        sys.exit(f"{query}: {answer.status_code} {answer.text}")
    return took, answer.json()


def measure(
    mayfly: Mayfly, dataset: str, client: httpx.Client, where: str | None, sort: str, rounds: int
) -> tuple[list[float], list[str]]:
    """Ask for the first page and the one after it, again and again; return times and first ids."""
    times: list[float] = []
    ids: list[str] = []
    for number in range(rounds):
        took, page = asked(mayfly, dataset, client, where=where, sort=sort or None)
        times.append(took)
        ids = [record["id"] for record in page["items"]]
        if page["next"] is not None and number % 2:
            query = {"where": where, "sort": sort or None, "cursor": page["next"]}
            times.append(asked(mayfly, dataset, client, **query)[0])
    return times, ids


def p95(times: list[float]) -> float:
    """Return the 95th percentile."""
    return statistics.quantiles(times, n=20)[-1]


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


def report(rows: int, ours: Mapping[Any, list[float]], base: Mapping[Any, list[float]]) -> bool:
    """Print a line for each filter, over all orders; tell whether all is as wanted."""
    everything = [one for times in ours.values() for one in times]
    for name, _, _ in FILTERS:
        mine = [one for key, times in ours.items() if key[0] == name for one in times]
        worst = max((p95(times), key[1]) for key, times in ours.items() if key[0] == name)
        theirs = [one for key, times in base.items() if key[0] == name for one in times]
        beside = f"{1000 * p95(theirs):7.1f}" if theirs else "      -"
        print(
            f"{name:26} p50 {1000 * statistics.median(mine):6.1f}  p95 {1000 * p95(mine):6.1f}"
            f"  worst order {1000 * worst[0]:6.1f} ({worst[1] or 'id'})  DuckDB p95 {beside}"
        )
    slowest = max(p95(times) for times in ours.values())
    good = slowest <= WANTED or rows > 100_000
    good &= max(everything) < LONGEST_PAGE
    print(
        f"{rows:,} rows, ms through the gateway: p95 of all {1000 * p95(everything):.1f}, "
        f"of the slowest filter and order {1000 * slowest:.1f} (wanted 50 for 100,000 rows), "
        f"slowest page {1000 * max(everything):.1f} (wanted < 1000): {'ok' if good else 'ABOVE'}"
    )
    return good


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=12)
    given = parser.parse_args()
    ours: dict[tuple[str, str], list[float]] = {}
    base: dict[tuple[str, str], list[float]] = {}
    with running() as mayfly, tempfile.TemporaryDirectory() as folder:
        dataset, seconds = load(mayfly, given.rows)
        print(f"imported {given.rows:,} rows in {seconds:.1f} s", flush=True)
        headers = {"Authorization": f"Bearer {mayfly.key}"}
        path = f"{mayfly.url}/function/datasets/datasets/{dataset}/export.parquet"
        with httpx.Client(headers=headers, timeout=120) as client:
            cold, _ = asked(mayfly, dataset, client)
            print(f"first list of a replica: {1000 * cold:.0f} ms", flush=True)
            ask = duck(io.BytesIO(client.get(path).content).getvalue(), Path(folder))
            for name, where, sql in FILTERS:
                text = None if where is None else json.dumps(where)
                for sort in SORTS:
                    key = (name, sort)
                    ours[key], _ = measure(mayfly, dataset, client, text, sort, given.rounds)
                    if ask is not None:
                        base[key] = [ask(sql, sort) for _ in range(given.rounds)]
            _count(mayfly, dataset, client, given.rounds)
    sys.exit(0 if report(given.rows, ours, base) else 1)


def _count(mayfly: Mayfly, dataset: str, client: httpx.Client, rounds: int) -> None:
    where = json.dumps(one("note", "contains", "urgent"))
    times = [asked(mayfly, dataset, client, where=where, count="true")[0] for _ in range(rounds)]
    print(f"with count=true: p95 {1000 * p95(times):.1f} ms", flush=True)


if __name__ == "__main__":
    main()
