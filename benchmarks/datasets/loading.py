"""A dataset of so many rows and twelve columns in a Mayfly."""

import random
import sys
import time
from collections.abc import Iterator

import httpx

from benchmarks.prediction.stack import Mayfly

HEADER = "sku,price,stock,active,colour,town,note,sold_at,weight,score,code,owner"
COLOURS = ("red", "green", "blue", "black", "white")
TOWNS = tuple(f"town {number}" for number in range(140))
WORDS = ("late", "fragile", "returned", "gift", "bulk", "sample", "urgent", "paid")
LONGEST = 3_600.0


def csv_of(rows: int) -> Iterator[bytes]:
    """Yield a table as CSV; each of its rows follows from its number."""
    yield (HEADER + "\n").encode()
    for start in range(0, rows, 10_000):
        stop = min(start + 10_000, rows)
        yield "".join(map(_row, range(start, stop))).encode()


def _row(number: int) -> str:
    chance = random.Random(number)
    note = " ".join(chance.choices(WORDS, k=4)) if chance.random() < 0.8 else ""
    cells = (
        f"S{number:05d}",
        f"{chance.lognormvariate(3, 1):.2f}",
        str(chance.randrange(500)),
        chance.choice(("true", "false")),
        chance.choice(COLOURS),
        chance.choice(TOWNS),
        f"{note} {number % 1000}" if note else "",
        f"2026-{chance.randrange(1, 13):02d}-0{chance.randrange(1, 10)}T{number % 24:02d}:00:00Z",
        "" if chance.random() < 0.1 else f"{chance.gauss(50, 9):.3f}",
        str(chance.randrange(10**9)),
        f"C{chance.randrange(10**6):06d}x",
        f"owner {chance.randrange(5000)}",
    )
    return ",".join(cells) + "\n"


def load(mayfly: Mayfly, rows: int) -> tuple[str, float]:
    """Upload and import so many rows; return the dataset's id, and seconds of the import."""
    name = f"rows-{rows}"
    content = b"".join(csv_of(rows))
    files = {"file": ("rows.csv", content, "text/csv")}
    headers = {"Authorization": f"Bearer {mayfly.key}"}
    url = f"{mayfly.url}/function/datasets/datasets?name={name}"
    answer = httpx.post(url, files=files, headers=headers, timeout=LONGEST)
    if not answer.is_success:
        sys.exit(f"upload: {answer.status_code} {answer.text}")
    begun = time.monotonic()
    while time.monotonic() - begun < LONGEST:
        dataset = mayfly.call("GET", f"datasets/datasets/{name}").json()
        if dataset["state"] == "ready":
            return name, time.monotonic() - begun
        if dataset["state"] == "failed":
            sys.exit(f"import: {dataset['failure']}")
        time.sleep(0.5)
    sys.exit(f"import: {dataset['rows_done']} of {rows} rows after {LONGEST:.0f} s")
