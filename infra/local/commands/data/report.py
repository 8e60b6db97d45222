"""`./mayfly report`."""

from collections.abc import Sequence
from pathlib import Path

import click

from infra.local.calling.names import Kind, check_columns, found, kinds_of
from infra.local.calling.waiting import until
from infra.local.commands.data.output import suffix_of, to
from infra.local.commands.progress import Meter
from infra.local.commands.signed import Caller, Json, signed
from infra.local.errors import LocalError

FUNCTION = "reports"
OUT = {".pdf": "pdf", ".html": "html", ".ipynb": "notebook"}
FILES = {"pdf": "report.pdf", "html": "report.html", "notebook": "notebook.ipynb"}
ENDED = {"succeeded", "failed"}
PHASES = {"gather": "what there is to know", "run": "the notebook", "typeset": "the pages"}


@click.command()
@click.argument("name", metavar="DATASET|MODEL[@VERSION]")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="A .pdf, .html or .ipynb file; waits."
)
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice([*FILES]),
    help="What it is made as; several. Default: what -o is, or all.",
)
@click.option("--of", type=click.Choice(["dataset", "model"]), help="Where both go by that name.")
@click.option("--target", help="The dataset's column that the others are held against.")
@click.option(
    "--wait", is_flag=True, help="Return once it is made; exits with 1 where none came of it."
)
@signed
def command(
    *,
    caller: Caller,
    name: str,
    out: Path | None,
    kinds: Sequence[str],
    of: Kind | None,
    target: str | None,
    wait: bool,
) -> None:
    """Have a report made: of a dataset an exploratory look, of a version of a model its final one.

    A model's version is its champion unless another is named. Reports stay where they are made, and
    are the same whatever changes later: see them on the pages. Ctrl-C ends the waiting, not the
    report.

    \b
    Examples:
      ./mayfly report titanic --of dataset -o titanic.pdf
      ./mayfly report titanic@2 -o version-2.pdf
      ./mayfly report titanic@2 --kind notebook --kind html --wait
      ./mayfly report heart --of dataset --target disease -o heart.ipynb
    """
    form = suffix_of(out, OUT) if out else None
    if form and kinds and form not in kinds:
        raise click.UsageError(f"-o {out} is a {form}: have it made by --kind {form}, too.")
    body = _about(caller, name, of, target)
    wanted = [*dict.fromkeys(kinds or ([form] if form else []))]
    body |= {"kinds": wanted} if wanted else {}
    report = caller.client.call("POST", FUNCTION, "/reports", json=body)
    if wait or out is not None:
        report = _made(caller, report["id"])
    if out is not None and form is not None:
        size = _fetch(caller, report, form, out)
        report |= {"out": str(out), "bytes": size}
    caller.tell(report, *_lines(caller, report))


def _about(caller: Caller, name: str, of: Kind | None, target: str | None) -> Json:
    """Return what a report is to be about, as the function takes it.

    Raises:
        LocalError: there is no such thing, version or column.
        click.UsageError: a dataset and a model go by the name; or the rest does not fit it.
    """
    bare, at, number = name.rpartition("@")
    version = _version(name, number) if at else None
    bare = bare if at else name
    kind = of or ("model" if version else _kind(caller, bare))
    if kind == "model":
        if target:
            raise click.UsageError("--target is for datasets: a model has one.")
        found(caller.client, "model", bare)
        return {"model": bare} | ({"version": version} if version else {})
    if version:
        raise click.UsageError("A version is of a model: a dataset's report is of its newest rows.")
    there = found(caller.client, "dataset", bare)
    if target:
        columns = [column["name"] for column in there["columns"]]
        check_columns([target], columns, f"Dataset {bare!r}")
    return {"dataset": bare} | ({"target": target} if target else {})


def _kind(caller: Caller, name: str) -> Kind:
    kinds = kinds_of(caller.client, name)
    if len(kinds) > 1:
        said = (
            f"{name} is a dataset and a model: say --of dataset, or --of model, or {name}@VERSION."
        )
        raise click.UsageError(said)
    return kinds[0]


def _version(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise click.UsageError(f"{name}: behind @ stands a version's number, such as titanic@2.")
    return int(text)


def _made(caller: Caller, report: str) -> Json:
    """Return a report once it is made; raises LocalError where none came of it."""
    with Meter() as meter:
        try:
            ended = until(
                lambda: caller.client.call("GET", FUNCTION, f"/reports/{report}"),
                lambda seen: seen["state"] in ENDED,
                lambda seen: meter.tell(_stage(seen), len(seen["seconds"]), len(PHASES)),
            )
        except KeyboardInterrupt:
            meter.tell(f"Report {report} goes on. Later: ./mayfly invoke reports /reports/{report}")
            raise
    if ended["state"] != "succeeded":
        reason = ended.get("failure") or "no reason is given"
        raise LocalError(f"No report came of {report}: {reason}")
    return ended


def _stage(report: Json) -> str:
    if report["state"] == "queued":
        return f"the report {report['id']} waits for its turn"
    return f"the report {report['id']}: {PHASES[report['phase']]}"


def _fetch(caller: Caller, report: Json, form: str, out: Path) -> int:
    """Write a file of a report; return its size."""
    done = 0
    path = f"/reports/{report['id']}/{FILES[form]}"
    with to(out, is_text=False) as target, caller.client.download(FUNCTION, path) as (_, pieces):
        for piece in pieces:
            target.write(piece)
            done += len(piece)
    return done


def _lines(caller: Caller, report: Json) -> list[str]:
    about = report["dataset"] or f"version {report['version']} of {report['model']}"
    head = f"report {report['id']} on {about}"
    if "out" in report:
        return [f"{head}: {report['bytes']:,} bytes in {report['out']}"]
    place = f"{caller.web_url.rstrip('/')}/reports/{report['id']}" if caller.web_url else ""
    if report["state"] not in ENDED:
        return [
            f"{head} is being made; {f'see {place}' if place else 'have it waited for by --wait'}"
        ]
    files = ", ".join(FILES[form] for form in FILES if form in report["files"])
    return [f"{head} is made: {files}", *([f"to read it: {place}"] if place else [])]
