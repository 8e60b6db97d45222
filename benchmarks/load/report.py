"""A load in Markdown, with a picture over time, from what Locust wrote as CSV.

`python -m benchmarks.load.report PREFIX --to report.md`, after Locust with `--csv PREFIX` and
`--csv-full-history`.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import altair as alt
import vl_convert

from benchmarks import machine
from benchmarks.load import records
from benchmarks.load.records import Moment, Record, Row
from benchmarks.words import figure, share, table

HEAD = ("what", "requests", "a second", "failed", "p50 (ms)", "p95 (ms)", "p99 (ms)", "most (ms)")
_TENTHS = 10


def section(record: Record, picture: str) -> str:
    """Return what one load came to; `picture` is its place, as seen from the page."""
    rows = [_cells(row) for row in (*record.rows, record.total)]
    title = f"## {record.shape.capitalize()}: {record.users} users in {record.seconds} seconds"
    where = f"Taken on {record.taken} ({record.machine}); before, {figure(record.busy)} programs"
    return f"""{title}

{where} wanted a core.

![Users, requests a second and latency over time]({picture})

{table(HEAD, rows)}

{_drift(record.moments)}"""


def _cells(row: Row) -> tuple[str, ...]:
    failed = share(row.failures / row.requests) if row.requests else "-"
    name = "**all**" if row.name == records.TOTAL else row.name
    times = map(figure, (row.p50, row.p95, row.p99, row.most))
    return (name, f"{row.requests:,}", figure(row.rate), failed, *times)


def _drift(moments: Sequence[Moment]) -> str:
    """Say how the last tenth of the time stands beside the first in which all users are there."""
    most = max(moment.users for moment in moments)
    full = [moment for moment in moments if moment.users == most]
    size = max(1, len(full) // _TENTHS)
    first, last = _middle(full[:size]), _middle(full[-size:])
    return (
        f"With all {most} users there, p95 was {figure(first)} ms at first and {figure(last)} ms"
        " in the end (medians of a tenth of that time each)."
    )


def _middle(moments: Sequence[Moment]) -> float:
    ordered = sorted(moment.p95 for moment in moments)
    return ordered[len(ordered) // 2]


def svg(record: Record) -> str:
    """Return the picture of a load over time."""
    values = [
        {"second": moment.second, "users": moment.users, "what": name, "value": value}
        for moment in record.moments
        for name, value in (("p50", moment.p50), ("p95", moment.p95), ("p99", moment.p99))
        if value
    ]
    rates = [
        {"second": moment.second, "what": name, "value": value}
        for moment in record.moments
        for name, value in (
            ("users", moment.users),
            ("requests a second", moment.rate),
            ("failures a second", moment.failures),
        )
    ]
    over = _panel(rates, "users, requests and failures a second", "linear")
    under = _panel(values, "latency of the last ten seconds (ms)", "log")
    chart = alt.vconcat(over, under).resolve_scale(color="independent")
    chart = chart.configure(background="white").configure_view(stroke=None)
    drawn: str = vl_convert.vegalite_to_svg(chart.to_dict())
    return drawn


def _panel(values: list[dict[str, Any]], title: str, scale: Any) -> alt.Chart:
    data: Any = {"values": values}
    names = [*dict.fromkeys(str(one["what"]) for one in values)]
    panel: alt.Chart = (
        alt.Chart(alt.InlineData(**data), width=640, height=160, title=title)
        .mark_line()
        .encode(
            x=alt.X("second:Q", title="seconds"),
            y=alt.Y("value:Q", title=None, scale=alt.Scale(type=scale)),
            color=alt.Color("what:N", title=None, sort=names),
        )
    )
    return panel


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("prefix", type=Path, help="what was given to Locust as --csv")
    parser.add_argument("--to", type=Path, default=Path("load.md"))
    parser.add_argument("--shape", default="steady", help="that the load had")
    given = parser.parse_args()
    record = records.read(given.prefix, given.shape, machine.busy())
    picture = given.to.with_suffix(".svg")
    picture.write_text(svg(record))
    given.to.write_text(f"# Load\n\n{section(record, picture.name)}\n")
    print(f"written: {given.to} and {picture}")


if __name__ == "__main__":
    main()
