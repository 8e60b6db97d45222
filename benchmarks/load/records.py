"""A load as it is kept: what Locust's CSV files say, and where and when that was."""

import csv
from pathlib import Path

import msgspec

from benchmarks import machine

TOTAL = "Aggregated"
_NONE = "N/A"


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of request. Milliseconds.

    Attributes:
        rate: Requests a second, over the whole time.
    """

    name: str
    requests: int
    failures: int
    rate: float
    p50: float
    p95: float
    p99: float
    most: float


class Moment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One second; latencies of the ten seconds before it, in milliseconds."""

    second: int
    users: int
    rate: float
    failures: float
    p50: float
    p95: float
    p99: float


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A load.

    Attributes:
        shape: Of the load over time, see `shapes`.
        users: At the most.
        busy: Programs that wanted a core before it began.
        total: All requests together.
    """

    taken: str
    machine: str
    busy: float
    shape: str
    users: int
    seconds: int
    total: Row
    rows: list[Row]
    moments: list[Moment]


def read(prefix: Path, shape: str, busy: float) -> Record:
    """Return what Locust wrote with `--csv PREFIX --csv-full-history`; exit where it did not."""
    rows = [_row(line) for line in _lines(prefix, "stats")]
    [total] = [row for row in rows if row.name == TOTAL]
    kinds = sorted((row for row in rows if row.name != TOTAL), key=lambda row: row.name)
    moments = _moments(prefix)
    users, seconds = max(moment.users for moment in moments), moments[-1].second
    where = machine.today(), machine.described(), busy
    return Record(*where, shape, users, seconds, total, kinds, moments)


def _lines(prefix: Path, what: str) -> list[dict[str, str]]:
    file = prefix.with_name(f"{prefix.name}_{what}.csv")
    if not file.exists():
        raise SystemExit(
            f"{file} is not there: have Locust write it with --csv {prefix} --csv-full-history"
        )
    with file.open(newline="") as lines:
        return list(csv.DictReader(lines))


def _row(line: dict[str, str]) -> Row:
    return Row(
        line["Name"],
        int(line["Request Count"]),
        int(line["Failure Count"]),
        round(float(line["Requests/s"]), 2),
        *_latencies(line),
        _number(line["100%"]),
    )


def _moments(prefix: Path) -> list[Moment]:
    lines = [line for line in _lines(prefix, "stats_history") if line["Name"] == TOTAL]
    if not lines:
        raise SystemExit(f"{prefix}_stats_history.csv is empty: the load was over too soon")
    first = int(lines[0]["Timestamp"])
    return [
        Moment(
            int(line["Timestamp"]) - first,
            int(line["User Count"]),
            round(float(line["Requests/s"]), 1),
            round(float(line["Failures/s"]), 1),
            *_latencies(line),
        )
        for line in lines
    ]


def _latencies(line: dict[str, str]) -> tuple[float, float, float]:
    return _number(line["50%"]), _number(line["95%"]), _number(line["99%"])


def _number(text: str) -> float:
    return 0.0 if text == _NONE else float(text)
