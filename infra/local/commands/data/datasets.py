"""`./mayfly datasets`."""

from collections.abc import Iterator

import click

from infra.local.calling.names import found, named, path_of
from infra.local.commands.data import changing
from infra.local.commands.data.changing import FUNCTION
from infra.local.commands.signed import Caller, Json, ListingGroup, signed

COLUMNS = {
    "dataset": "id",
    "state": "state",
    "rows": "rows",
    "columns": "width",
    "revision": "revision",
    "changed": "updated_at",
}
OF_ONE = {
    "column": "name",
    "kind": "kind",
    "for": "role",
    "missing": "missing",
    "different": "unique",
    "values": "values",
}
HISTORY = {
    "revision": "revision",
    "what": "summary",
    "rows": "records",
    "undid": "undoes",
    "by": "by",
    "at": "at",
}
NONE = "There is no dataset yet: ./mayfly import FILE"
MOST_WORDS = 4
condition_option = click.option(
    "--filter", "filters", multiple=True, help="Rows for which it holds: 'age>=30'; several: all."
)
all_option = click.option("--all", "whole", is_flag=True, help="Every row, where no filter is.")


@click.group(cls=ListingGroup, takes_name=True)
def command() -> None:
    """List datasets, show one by its NAME, change its rows, and take changes back.

    \b
    Examples:
      ./mayfly datasets
      ./mayfly datasets members
      ./mayfly datasets set members city=Berlin --filter city==Berln
      ./mayfly datasets remove members --filter 'age>120'
      ./mayfly datasets history members
      ./mayfly datasets undo members
      ./mayfly datasets restore members 1
    """


@command.command("list")
@click.argument("dataset", metavar="[NAME]", required=False)
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@signed
def list_datasets(*, caller: Caller, dataset: str | None, limit: int) -> None:
    """List datasets; or show the columns of one, as `show` does."""
    if dataset is not None:
        _show(caller, dataset)
        return
    listed = caller.client.pages(FUNCTION, "/datasets", {}, limit)
    rows = listed if caller.as_json else _with_widths(listed)
    caller.show(rows, COLUMNS, NONE)


@command.command()
@click.argument("dataset", metavar="NAME")
@signed
def show(*, caller: Caller, dataset: str) -> None:
    """Show a dataset's columns.

    What they hold, what is missing, and what to look at.
    """
    _show(caller, dataset)


@command.command()
@click.argument("dataset", metavar="NAME")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True)
@signed
def history(*, caller: Caller, dataset: str, limit: int) -> None:
    """List what was done to a dataset, newest first."""
    with named(caller.client, "dataset", dataset):
        path = path_of("dataset", dataset, "changes")
        changes = list(caller.client.pages(FUNCTION, path, {}, limit))
    caller.show(changes, HISTORY, "Nothing was done to it yet.")


@command.command("set")
@click.argument("dataset", metavar="NAME")
@click.argument("values", metavar="COLUMN=VALUE...", nargs=-1, required=True)
@condition_option
@all_option
@signed
def set_values(
    *, caller: Caller, dataset: str, values: tuple[str, ...], filters: tuple[str, ...], whole: bool
) -> None:
    """Give rows values, in place of what they have.

    Nothing after the = is a missing value.
    """
    there = found(caller.client, "dataset", dataset)
    body = {"values": changing.values_of(there, values)}
    made = changing.of_rows(caller, there, "PATCH", filters, whole=whole, body=body)
    changing.tell(caller, dataset, made)


@command.command()
@click.argument("dataset", metavar="NAME")
@condition_option
@all_option
@signed
def remove(*, caller: Caller, dataset: str, filters: tuple[str, ...], whole: bool) -> None:
    """Remove rows."""
    there = found(caller.client, "dataset", dataset)
    made = changing.of_rows(caller, there, "DELETE", filters, whole=whole)
    changing.tell(caller, dataset, made)


@command.command()
@click.argument("dataset", metavar="NAME")
@click.argument("revision", type=click.IntRange(min=1), required=False)
@signed
def undo(*, caller: Caller, dataset: str, revision: int | None) -> None:
    """Take back the change that made REVISION; default: the last one."""
    body = {"revision": revision} if revision else {}
    changing.tell(caller, dataset, changing.asked(caller, dataset, "undo", body))


@command.command()
@click.argument("dataset", metavar="NAME")
@click.argument("revision", type=click.IntRange(min=1))
@signed
def restore(*, caller: Caller, dataset: str, revision: int) -> None:
    """Have all rows as they were at REVISION; that can be undone, too."""
    made = changing.asked(caller, dataset, "restore", {"revision": revision})
    changing.tell(caller, dataset, made)


@command.command()
@click.argument("dataset", metavar="NAME")
@signed
def delete(*, caller: Caller, dataset: str) -> None:
    """Delete a dataset with its rows and history.

    Models that learnt from it stay.
    """
    with named(caller.client, "dataset", dataset):
        caller.client.call("DELETE", FUNCTION, path_of("dataset", dataset))
    caller.tell({"deleted": dataset}, f"dataset {dataset} is deleted")


def _show(caller: Caller, dataset: str) -> None:
    whole = found(caller.client, "dataset", dataset)
    profile = None
    if whole["state"] == "ready":
        profile = caller.client.call("GET", FUNCTION, path_of("dataset", dataset, "profile"))
    if caller.as_json:
        caller.tell({**whole, "profile": profile})
        return
    click.echo(changing.standing(whole))
    known = {one["name"]: one for one in (profile or {}).get("columns", ())}
    columns = [{**one, **_known(known.get(one["name"], {}))} for one in whole["columns"]]
    caller.show(columns, OF_ONE, "It has no columns.")
    for one in (profile or {}).get("warnings", ()):
        click.echo(f"to look at: {one['detail']}")


def _known(profile: Json) -> Json:
    """Return what is told of a column: counts, and its range or its most frequent values."""
    told = {name: profile[name] for name in ("missing", "unique") if name in profile}
    edges = (profile.get("histogram") or {}).get("edges")
    if profile.get("kind") in {"number", "integer"} and edges:
        return told | {"values": f"{edges[0]:g} to {edges[-1]:g}"}
    top = [f"{one['value']} ({one['count']})" for one in profile.get("top", [])[:MOST_WORDS]]
    return told | {"values": top}


def _with_widths(listed: Iterator[Json]) -> Iterator[Json]:
    for one in listed:
        yield one | {"width": len(one["columns"])}
