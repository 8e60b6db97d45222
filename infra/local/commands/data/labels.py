"""`./mayfly labels`."""

import csv
import io
import itertools
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

import click

from infra.local.calling.names import check_columns, named, path_of
from infra.local.calling.sending import on_disk
from infra.local.commands.progress import Meter
from infra.local.commands.signed import Caller, Json, signed
from infra.local.errors import LocalError

FUNCTION = "monitoring"
AT_A_TIME = 20_000  # labels of a call: about a megabyte
ID = "id"
COUNTS = ("labels", "matched")
Row = tuple[str, str]


@click.command()
@click.argument("model")
@click.argument("file", metavar="FILE|-")
@click.option("--key", help="The column by which predictions are found; default: their id.")
@click.option("--label", default="label", show_default=True, help="The column of what is true.")
@signed
def command(*, caller: Caller, model: str, file: str, key: str | None, label: str) -> None:
    """Say what turned out to be true of predictions, from a CSV file with a header.

    By the column `id`, which ./mayfly predict writes; or with --key by a column that the model's
    rows and the file both have. Other columns are not looked at. The last label of a prediction
    counts, so that a file may be sent again; labels of predictions that have not come yet wait.

    \b
    Examples:
      ./mayfly labels titanic truth.csv
      ./mayfly labels churn left.csv --key customer --label has_left
      ./mayfly labels churn - --key customer < left.csv
    """
    with on_disk(file, sys.stdin.buffer) as path:
        sums = _sent(caller, model, path, key, label)
    waiting = f", {sums['waiting']:,} wait for their predictions" if sums["waiting"] else ""
    said = f"{sums['labels']:,} labels of {model}: {sums['matched']:,} predictions have one"
    caller.tell(sums, said + waiting)


def _sent(caller: Caller, model: str, path: Path, key: str | None, label: str) -> Json:
    """Send all labels of a file; return how many there were, and what became of them."""
    sums: Json = dict.fromkeys(COUNTS, 0) | {"waiting": 0}
    place = path_of("model", model, "labels")
    with Meter() as meter, path.open(encoding="utf-8-sig", newline="") as text:
        rows = _rows(text, key or ID, label, path.name)
        while block := list(itertools.islice(rows, AT_A_TIME)):
            with named(caller.client, "model", model):
                told = caller.client.call(
                    "POST",
                    FUNCTION,
                    place,
                    params={"key": key} if key else {},
                    headers={"Content-Type": "text/csv"},
                    content=_csv(key or ID, block),
                )
            sums = {name: sums[name] + told[name] for name in sums}
            meter.tell("labels are being sent", count=f"{sums['labels']:,}")
    if not sums["labels"]:
        raise LocalError(f"{path.name} has a header and no labels.")
    return sums


def _rows(text: IO[str], key: str, label: str, name: str) -> Iterator[Row]:
    """Yield key and label of each row; raises LocalError that names the line."""
    lines = csv.reader(text, strict=True)
    try:
        header = next(lines, [])
        check_columns((key, label), header, name)
        key_at, label_at = header.index(key), header.index(label)
        for line in filter(None, lines):
            if len(line) != len(header):
                place = f"{name}, line {lines.line_num},"
                raise LocalError(f"{place} has {len(line)} cells, the header {len(header)}.")
            yield line[key_at], line[label_at]
    except (csv.Error, UnicodeDecodeError) as error:
        place = f"{name}, line {lines.line_num},"
        raise LocalError(f"{place} is no CSV in UTF-8: {error}.") from error


def _csv(key: str, rows: Iterable[Row]) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow((key, "label"))
    writer.writerows(rows)
    return file.getvalue().encode()
