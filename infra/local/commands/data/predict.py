"""`./mayfly predict`."""

import csv
import io
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import httpx

from infra.local.calling.function_client import RefusedError
from infra.local.calling.names import named, path_of
from infra.local.calling.sending import on_disk
from infra.local.commands.data import batches
from infra.local.commands.data.output import suffix_of, to
from infra.local.commands.data.rows import Few, as_csv, few, form_of
from infra.local.commands.signed import Caller, Json, signed
from infra.local.errors import LocalError

OUT = {".csv": "csv", ".parquet": "parquet", ".jsonl": "jsonl", ".json": "json"}
ACCEPT = {"csv": "text/csv", "jsonl": "application/jsonl", "json": "application/json"}


@click.command()
@click.argument("model")
@click.argument("file", metavar="FILE|-")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="A .csv, .jsonl, .json or .parquet file."
)
@click.option("--version", type=click.IntRange(min=1), help="Default: the champion.")
@click.option("--alias", help="The version that this names.")
@click.option("--join", is_flag=True, help="With the rows' own columns before each prediction.")
@click.option("--explain", is_flag=True, help="Say why; 20 rows at most.")
@click.option("--strict", is_flag=True, help="Refuse columns that the model does not know.")
@signed
def command(
    *,
    caller: Caller,
    model: str,
    file: str,
    out: Path | None,
    version: int | None,
    alias: str | None,
    join: bool,
    explain: bool,
    strict: bool,
) -> None:
    """Predict for the rows of a file: CSV, Parquet, JSON Lines or JSON; - is the standard input.

    Up to 1,000 rows are one call, whose predictions are logged and have an id each, by which labels
    come (./mayfly labels). More rows, Parquet and --join go as a batch, with its progress; a row
    that cannot be predicted for then says why in the column `problem`.

    \b
    Examples:
      ./mayfly predict titanic examples/titanic.csv -o predictions.csv
      ./mayfly predict titanic passengers.parquet -o predictions.parquet --join
      echo '{"sex": "female", "age": 29}' | ./mayfly predict titanic - --json
      ./mayfly predict titanic new.csv --version 2 --explain
    """
    if version and alias:
        raise click.UsageError("--version and --alias are two ways: give one of them.")
    form = suffix_of(out, OUT) if out else ("json" if caller.as_json else "csv")
    with on_disk(file, sys.stdin.buffer) as path:
        given = form_of(path, file)
        rows = None if join or form == "parquet" else few(path, given)
        if rows is not None:
            target = [*(["versions", version] if version else ["aliases", alias] if alias else [])]
            place = path_of("model", model, *target, "predict")
            query = {"unknown": "refuse" if strict else "ignore"}
            query |= {"explain": "true"} if explain else {}
            _call(caller, model, place, query, rows, form, out)
            return
        if explain or strict:
            raise click.UsageError(
                "--explain and --strict are for 1,000 rows at most, of one call."
            )
        wanted = {"version": version, "alias": alias}
        chosen = {key: value for key, value in wanted.items() if value}
        _batch(caller, model, path, given, chosen | {"join": str(join).lower()}, form, out)


def _call(
    caller: Caller, model: str, place: str, query: Json, rows: Few, form: str, out: Path | None
) -> None:
    headers = {"Content-Type": rows.media, "Accept": ACCEPT[form]}
    with named(caller.client, "model", model), _fields_told(model):
        answer = caller.client.send(
            "POST", batches.FUNCTION, place, params=query, headers=headers, content=rows.body
        )
    with to(out, is_text=True) as file:
        file.write(_with_ids(answer) if form == "csv" else answer.content)
        if form == "json":
            file.write(b"\n")
    ident, number = answer.headers.get("X-Prediction-Id"), answer.headers["X-Model-Version"]
    passed = _passed_over(answer)
    if passed:
        click.echo(f"note: {passed}", err=True)
    if out is not None:
        told = {"model": model, "version": int(number), "id": ident, "out": str(out)}
        caller.tell(told, f"version {number} of {model} predicted: {out}")


@contextmanager
def _fields_told(model: str) -> Iterator[None]:
    """Say in the block, where records are refused, what tells which are not; raises LocalError."""
    try:
        yield
    except RefusedError as error:
        if error.status != httpx.codes.UNPROCESSABLE_ENTITY:
            raise
        raise LocalError(error.message, f"What it takes: ./mayfly models fields {model}") from error


def _with_ids(answer: httpx.Response) -> bytes:
    """Return an answer's CSV with the id of each prediction, which only its head tells."""
    head, *lines = csv.reader(io.StringIO(answer.text, newline=""))
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["id", *head])
    ident = answer.headers["X-Prediction-Id"]
    writer.writerows([f"{ident}-{place}", *line] for place, line in enumerate(lines))
    return file.getvalue().encode()


def _passed_over(answer: httpx.Response) -> str:
    """Return what is said of fields that the model does not know; empty for nothing."""
    notices = answer.headers.get("X-Prediction-Notices", "")
    known = dict(part.split("=", 1) for part in notices.split(",") if "=" in part)
    count = known.get("ignored_fields")
    return f"fields that the model does not know were passed over: {count}" if count else ""


def _batch(
    caller: Caller, model: str, path: Path, given: str, query: Json, form: str, out: Path | None
) -> None:
    if form == "json":
        raise click.UsageError("These rows go as a batch: name a .jsonl, .csv or .parquet with -o.")
    query |= {"form": "csv" if form == "csv" else "parquet"}
    with to(out, is_text=form != "parquet") as target, tempfile.TemporaryDirectory() as folder:
        if given in {"json", "jsonl"}:
            table = Path(folder) / "rows.csv"
            as_csv(path, given, table)
            path, given = table, "csv"
        batch = batches.predicted(caller, model, path, given, query)
        batches.fetch(caller, batch, form, target)
    refused = batch["progress"]["rows_refused"]
    if refused:
        said = f"{refused:,} of {batch['rows']:,} rows have a problem in place of a prediction"
        click.echo(f"note: {said}: see the column problem", err=True)
    if out is not None:
        said = f"version {batch['version']} of {model} predicted for {batch['rows']:,} rows: {out}"
        caller.tell({**batch, "out": str(out)}, said)
