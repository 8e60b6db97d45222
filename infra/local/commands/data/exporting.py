"""`./mayfly export`."""

from pathlib import Path
from typing import Any, NamedTuple

import click

from infra.local.calling.names import found, kinds_of, path_of
from infra.local.commands.data.output import suffix_of, to
from infra.local.commands.data.serving import champion_of
from infra.local.commands.progress import Meter
from infra.local.commands.signed import Caller, Json, signed

# Suffix → form, of what is exported.
DATASET = {".csv": "csv", ".parquet": "parquet", ".jsonl": "jsonl"}
MODEL = {".onnx": "onnx", ".md": "md", ".proto": "proto"}
KINDS = ("dataset", "model")
TEXTS = {"csv", "jsonl", "md", "proto"}
PATIENCE = 300.0  # seconds between two pieces of it: a large table is sorted first


class Source(NamedTuple):
    """Where a file is: a function, and the path there."""

    function: str
    path: str


@click.command()
@click.argument("name", metavar="DATASET|MODEL")
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    help="A dataset's .csv, .parquet or .jsonl; a model's .onnx, .md (its card) or .proto.",
)
@click.option("--kind", type=click.Choice(KINDS), help="Where both go by that name.")
@click.option(
    "--filter", "filters", multiple=True, help="Rows alone for which it holds: 'age>=30'."
)
@click.option("--sort", help="Of rows, by columns: -age,name.")
@click.option("--version", type=click.IntRange(min=1), help="Of a model; default: the champion.")
@signed
def command(
    *,
    caller: Caller,
    name: str,
    out: Path | None,
    kind: str | None,
    filters: tuple[str, ...],
    sort: str | None,
    version: int | None,
) -> None:
    """Write a dataset's rows, or a model's file. Without -o rows go to the standard output, as CSV.

    \b
    Examples:
      ./mayfly export titanic -o titanic.parquet
      ./mayfly export titanic --kind dataset --filter 'age>=30' --sort -age > older.csv
      ./mayfly export titanic -o titanic.onnx
      ./mayfly export titanic -o card.md --version 2
    """
    if caller.as_json and out is None:
        raise click.UsageError("With --json the file needs a name: -o FILE.")
    form = suffix_of(out, DATASET | MODEL) if out else None
    chosen = kind or _kind_of(caller, name, form, version)
    _check_fits(chosen, form, filters=bool(filters or sort), version=version)
    form = form or ("csv" if chosen == "dataset" else "onnx")
    if chosen == "dataset":
        found(caller.client, "dataset", name)
        source = Source("datasets", path_of("dataset", name, f"export.{form}"))
        query: Json = {"filter": list(filters)} | ({"sort": sort} if sort else {})
    else:
        source, query = _of_model(caller, name, form, version), {}
    size = _written(caller, source, query, out, form)
    if out is not None:
        told: dict[str, Any] = {"kind": chosen, "name": name, "out": str(out), "bytes": size}
        caller.tell(told, f"{chosen} {name}: {size:,} bytes in {out}")


def _kind_of(caller: Caller, name: str, form: str | None, version: int | None) -> str:
    """Return what goes by a name, where the form does not say which is meant.

    Raises:
        LocalError: nothing does.
        click.UsageError: both a dataset and a model do.
    """
    if form is not None or version is not None:
        return "model" if version is not None or form in MODEL.values() else "dataset"
    kinds = kinds_of(caller.client, name)
    if len(kinds) > 1:
        raise click.UsageError(f"{name} is a dataset and a model: say --kind, or -o {name}.csv.")
    return kinds[0]


def _check_fits(kind: str, form: str | None, *, filters: bool, version: int | None) -> None:
    """Refuse what a dataset, or a model, has not."""
    forms = DATASET if kind == "dataset" else MODEL
    if form is not None and form not in forms.values():
        raise click.UsageError(f"A {kind} is written as {', '.join(forms)}.")
    if kind == "model" and filters:
        raise click.UsageError("--filter and --sort are for datasets.")
    if kind == "dataset" and version is not None:
        raise click.UsageError("--version is for models.")


def _of_model(caller: Caller, name: str, form: str, version: int | None) -> Source:
    whole = found(caller.client, "model", name)
    number = version or champion_of(whole)
    place = path_of("model", name, "versions", number)
    if form == "proto":
        return Source("prediction", f"{place}/schema.proto")
    return Source("models", f"{place}/{'model.onnx' if form == 'onnx' else 'card.md'}")


def _written(caller: Caller, source: Source, query: Json, out: Path | None, form: str) -> int:
    """Write a file; return how many bytes it has."""
    done = 0
    with (
        Meter() as meter,
        to(out, is_text=form in TEXTS) as target,
        caller.client.download(*source, params=query, timeout=PATIENCE) as (size, pieces),
    ):
        for piece in pieces:
            target.write(piece)
            done += len(piece)
            if out is not None:
                meter.tell(f"{out} is being written", done, size, f"{done:,} bytes")
    return done
