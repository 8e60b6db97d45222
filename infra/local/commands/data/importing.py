"""`./mayfly import`."""

import json
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import unquote, urlsplit

import click

from infra.local.calling.names import check_columns, found, path_of
from infra.local.calling.sending import ToldFile, on_disk
from infra.local.calling.waiting import until
from infra.local.commands.data import previews
from infra.local.commands.data.changing import standing
from infra.local.commands.data.reading import reading_option
from infra.local.commands.progress import Meter
from infra.local.commands.signed import Caller, Json, signed
from infra.local.errors import LocalError

FUNCTION = "datasets"
PATIENCE = (
    300.0  # seconds: a file that is fetched, or a long one that is looked through, takes some
)
SUFFIXES = {".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".parquet", ".xlsx", ".gz"}
# Kinds of columns that can be predicted; the last such is the target by custom.
LEARNABLE = {"boolean", "category", "integer", "number"}
OVER = {"done", "refused", "failed", "cancelled", "waiting"}


@click.command()
@click.argument("source", metavar="FILE|URL|-")
@click.option("--name", help="The dataset's; default: the file's, without what says its format.")
@click.option("--append", "mode", flag_value="append", help="Add rows to a dataset that is there.")
@click.option("--replace", "mode", flag_value="replace", help="Put them in the place of all rows.")
@click.option(
    "--upsert",
    "keys",
    metavar="COLUMN",
    multiple=True,
    help="Change the rows of the same COLUMN, add the rest; several: all of them together.",
)
@click.option("--separate", is_flag=True, help="Leave bad rows out; without it they refuse all.")
@reading_option
@click.option("--look", is_flag=True, help="Only show how it would be read; nothing is stored.")
@click.option("--no-wait", is_flag=True, help="Return once the file is there.")
@signed
def command(
    *,
    caller: Caller,
    source: str,
    name: str | None,
    mode: str | None,
    keys: tuple[str, ...],
    separate: bool,
    reading: Json | None,
    look: bool,
    no_wait: bool,
) -> None:
    """Bring a file (CSV, TSV, JSON Lines, Parquet, Excel; gzip or not) or a URL into a dataset.

    How it is read is found out, and said where it is unsure: then --reading overrules it. The same
    file again is the same dataset. Waits until the rows are in.

    \b
    Examples:
      ./mayfly import examples/titanic.csv
      ./mayfly import examples/titanic.csv --look
      ./mayfly import https://example.org/prices.csv --name prices
      ./mayfly import more.csv --name prices --append
      ./mayfly import stock.parquet --name stock --upsert article
      ./mayfly import preise.csv --reading '{"dialect": {"decimal": ","}}'
      zcat rows.csv.gz | ./mayfly import - --name rows
    """
    if mode and keys:
        raise click.UsageError(f"--{mode} and --upsert are two ways: give one of them.")
    mode = "upsert" if keys else mode
    if separate and mode is None:
        raise click.UsageError("--separate goes with --append, --replace or --upsert.")
    query: Json = {"reading": json.dumps(reading)} if reading else {}
    if look:
        if mode or _is_url(source):
            raise click.UsageError("--look is for a file that becomes a new dataset.")
        _look(caller, source, query)
        return
    if source == "-" and not name:
        raise click.UsageError("The standard input has no name: say --name.")
    called = name or _stem(source)
    if mode is None:
        _make(caller, source, called, query, wait=not no_wait)
        return
    query |= {"mode": mode, "key": list(keys)}
    query |= {"bad_rows": "separate"} if separate else {}
    _add(caller, source, called, query, wait=not no_wait)


def _look(caller: Caller, source: str, query: Json) -> None:
    """Show how a file would be read."""
    with Meter() as meter:
        preview = _sent(caller, meter, source, "/datasets/preview", query)
    previews.show(caller, preview)


def _make(caller: Caller, source: str, name: str, query: Json, *, wait: bool) -> None:
    """Make a dataset, and show it."""
    with Meter() as meter:
        made = _new(caller, meter, source, name, query, wait=wait)
    _show_dataset(caller, made)


def _add(caller: Caller, source: str, name: str, query: Json, *, wait: bool) -> None:
    """Bring rows into a dataset that is there, and show what came of it."""
    with Meter() as meter:
        made = _into(caller, meter, source, name, query, wait=wait)
    _show_import(caller, made)


def _new(caller: Caller, meter: Meter, source: str, name: str, query: Json, *, wait: bool) -> Json:
    """Make a dataset; return it as it is, or as it ended."""
    made = _sent(caller, meter, source, "/datasets", {"name": name, **query})

    def show(seen: Json) -> None:
        place = seen.get("waits_at")
        if place:
            meter.tell(f"{seen['id']} waits for its turn, at place {place}")
        else:
            meter.tell(f"{seen['id']}: rows", seen["rows_done"], seen["rows"], _of(seen))

    if not wait:
        return made
    path = path_of("dataset", made["id"])
    ended = until(
        lambda: caller.client.call("GET", FUNCTION, path),
        lambda seen: seen["state"] != "importing",
        show,
    )
    if ended["state"] != "ready":
        raise LocalError(f"The import of {ended['id']} failed: {ended.get('failure')}")
    return ended


def _into(
    caller: Caller, meter: Meter, source: str, dataset: str, query: Json, *, wait: bool
) -> Json:
    """Import into a dataset; return the import as it is, or as it ended."""
    there = found(caller.client, "dataset", dataset)
    columns = [column["name"] for column in there["columns"]]
    check_columns(query["key"], columns, f"Dataset {dataset!r}")
    begun = _sent(caller, meter, source, path_of("dataset", dataset, "imports"), query)
    if not wait:
        return begun
    path = path_of("dataset", dataset, "imports", begun["id"])
    ended = until(
        lambda: caller.client.call("GET", FUNCTION, path),
        lambda seen: seen["state"] in OVER,
        lambda seen: meter.tell(
            f"{dataset}: {seen['state']}", seen["rows_done"], seen["rows"], _of(seen)
        ),
    )
    if ended["state"] != "done":
        raise LocalError(_why(ended))
    return ended


def _sent(caller: Caller, meter: Meter, source: str, path: str, query: Json) -> Json:
    """Send a file, or say where it is fetched; return what was made."""
    if _is_url(source):
        meter.tell(f"{source} is being fetched")
        body = _fetched(source, query)
        made: Json = caller.client.call("POST", FUNCTION, path, json=body, timeout=PATIENCE)
        return made
    with on_disk(source, sys.stdin.buffer) as file, file.open("rb") as content:
        size = file.stat().st_size

        def sent(done: int) -> None:
            meter.tell(f"{source} is being sent", done, size, f"{done:,} of {size:,} bytes")

        # A form: OpenFaaS forwards every body without its length, and a plain one needs it.
        form = {"file": (PurePath(source).name, ToldFile(content, sent))}
        told: Json = caller.client.call(
            "POST", FUNCTION, path, params=query, files=form, timeout=PATIENCE
        )
        return told


def _fetched(url: str, query: Mapping[str, Any]) -> Json:
    given = {key: value for key, value in query.items() if value != []}
    if "reading" in given:
        given["reading"] = json.loads(given["reading"])
    return {**given, "source": {"url": url}}


def _is_url(source: str) -> bool:
    return urlsplit(source).scheme in {"http", "https"}


def _stem(source: str) -> str:
    """Return a file's name without what says its format."""
    place = unquote(urlsplit(source).path) if _is_url(source) else source
    path = Path(PurePath(place).name)
    while path.suffix.lower() in SUFFIXES:
        path = path.with_suffix("")
    if not path.name:
        raise click.UsageError(f"{source} ends with no file's name: say --name.")
    return path.name


def _of(seen: Json) -> str:
    return f"{seen['rows_done']:,} of {seen['rows']:,}" if seen["rows"] else ""


def _why(ended: Json) -> str:
    """Return why an import came to nothing, with its first bad rows."""
    # What it goes on with is for callers of the function; ours is the option below.
    failure = str(ended.get("failure") or "").partition(" Mend the file, or send ")[0]
    flaws = [
        f"row {flaw.get('row')}, column {flaw.get('column')}: {flaw.get('reason')}"
        for flaw in (ended.get("report") or {}).get("flaws", [])[:3]
        if str(flaw.get("reason")) not in failure
    ]
    said = f"Import {ended['id']} into {ended['dataset']} is {ended['state']}"
    reason = "; ".join(filter(None, [failure.rstrip("."), *flaws]))
    bad = (ended.get("report") or {}).get("bad")
    remedy = "Mend them, or take the good rows alone: --separate" if bad else ""
    return f"{said}: {reason}. {remedy}".strip()


def _show_dataset(caller: Caller, dataset: Json) -> None:
    caller.tell(dataset, standing(dataset), *_next(dataset))


def _next(dataset: Json) -> list[str]:
    """Return what usually follows, once the rows are in."""
    if dataset["state"] != "ready":
        return []
    columns = dataset["columns"]
    named = [column["name"] for column in columns if column.get("role") == "target"]
    fitting = [column["name"] for column in columns if column.get("kind") in LEARNABLE]
    target = shlex.quote((named or fitting[-1:] or ["COLUMN"])[0])
    return [
        f"to look at it: ./mayfly datasets {dataset['id']}",
        f"to learn from it: ./mayfly train {dataset['id']} --target {target} --wait",
    ]


def _show_import(caller: Caller, made: Json) -> None:
    report = made.get("report") or {}
    counts = ", ".join(
        f"{report[name]:,} {name}"
        for name in ("new", "changed", "same", "removed", "bad")
        if report.get(name)
    )
    state = f"import {made['id']} into {made['dataset']} is {made['state']}"
    revision = f"; revision {made['revision']}" if made.get("revision") is not None else ""
    caller.tell(made, f"{state}: {counts or 'no rows'}{revision}" if report else state)
