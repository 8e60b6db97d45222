"""`./mayfly models`."""

import json
from collections.abc import Iterator

import click

from infra.local.calling.names import found, named, path_of
from infra.local.commands.data.bounds import bounds_of
from infra.local.commands.data.serving import FUNCTION, champion_of, of_model
from infra.local.commands.signed import Caller, Json, ListingGroup, signed

COLUMNS = {
    "model": "name",
    "serves": "aliases",
    "latest": "latest",
    "predicts": "target",
    "task": "task",
    "changed": "updated_at",
}
VERSIONS = {
    "version": "version",
    "named": "named",
    "algorithm": "algorithm",
    "measured": "measured",
    "dataset": "dataset",
    "revision": "revision",
    "made": "created_at",
}
FIELDS = {
    "field": "name",
    "kind": "kind",
    "required": "required",
    "used": "used",
    "may be": "may_be",
    "learnt from": "learnt",
}
# Shown of each task, if it was measured on the held-out rows.
MEASURES = {
    "binary": ("roc_auc", "f1", "accuracy"),
    "multiclass": ("log_loss", "accuracy", "f1"),
    "regression": ("rmse", "mae", "r2"),
}
NONE = "There is no model yet: ./mayfly train DATASET --target COLUMN"


@click.group(cls=ListingGroup, takes_name=True)
def command() -> None:
    """List models, or the versions of one by its NAME; read a version's card.

    \b
    Examples:
      ./mayfly models
      ./mayfly models titanic
      ./mayfly models card titanic 2
      ./mayfly models fields titanic
      ./mayfly models compare titanic 1 2
      ./mayfly models history titanic
      ./mayfly models delete titanic 1
    """


@command.command("list")
@click.argument("model", metavar="[NAME]", required=False)
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@signed
def list_models(*, caller: Caller, model: str | None, limit: int) -> None:
    """List models by name; or the versions of one, newest first."""
    if model is None:
        caller.show(caller.client.pages(FUNCTION, "/models", {}, limit), COLUMNS, NONE)
        return
    whole = found(caller.client, "model", model)
    listed = caller.client.pages(FUNCTION, path_of("model", model, "versions"), {}, limit)
    if caller.as_json:
        click.echo(json.dumps({**whole, "versions": list(listed)}, indent=2))
        return
    caller.show(_versions(whole, listed), VERSIONS, f"{model} has no version.")


@command.command()
@click.argument("model", metavar="NAME")
@click.argument("version", type=click.IntRange(min=1), required=False)
@signed
def card(*, caller: Caller, model: str, version: int | None) -> None:
    """Show what to know before trusting a version.

    As Markdown; default: the champion's.
    """
    number = version or champion_of(found(caller.client, "model", model))
    path = path_of("model", model, "versions", number, "card")
    with named(caller.client, "model", model):
        if caller.as_json:
            caller.tell(caller.client.call("GET", FUNCTION, path))
        else:
            click.echo(caller.client.send("GET", FUNCTION, f"{path}.md").text)


@command.command("fields")
@click.argument("model", metavar="NAME")
@click.option("--version", type=click.IntRange(min=1), help="Default: the champion.")
@signed
def list_fields(*, caller: Caller, model: str, version: int | None) -> None:
    """List the fields of what a model is asked, and what each may be."""
    target: tuple[str | int, ...] = ("versions", version) if version else ()
    with named(caller.client, "model", model):
        path = path_of("model", model, *target, "signature")
        signature = caller.client.call("GET", "prediction", path)
    used = {feature["column"] for feature in signature["features"]}
    columns = [{**one, "used": one["name"] in used} for one in signature["columns"]]
    shown = columns if caller.as_json else [{**one, **bounds_of(one)} for one in columns]
    caller.show(shown, FIELDS, f"{model} takes no fields.")


@command.command()
@click.argument("model", metavar="NAME")
@click.argument("first", type=click.IntRange(min=1))
@click.argument("second", type=click.IntRange(min=1))
@click.option("--measure", help="By what; default: what decided in training.")
@signed
def compare(*, caller: Caller, model: str, first: int, second: int, measure: str | None) -> None:
    """Say which of two versions is better, and how sure that is.

    On rows that are new to the older one, if there are enough; else on those that both held out.
    """
    with of_model(caller, model):
        path = path_of("model", model, "compare")
        query = {"a": first, "b": second} | ({"measure": measure} if measure else {})
        compared = caller.client.call("GET", FUNCTION, path, params=query)
    better = compared["better"]
    advice = [f"to have it serve: ./mayfly promote {model} {better}"] if better == second else []
    caller.tell(compared, compared["text"], *advice)


@command.command()
@click.argument("model", metavar="NAME")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True)
@signed
def history(*, caller: Caller, model: str, limit: int) -> None:
    """List what happened to a model, newest first."""
    columns = {"at": "at", "by": "by", "did": "action", "alias": "alias", "from": "from"}
    columns |= {"to": "to", "why": "reason", "because": "because"}
    with named(caller.client, "model", model):
        path = path_of("model", model, "history")
        caller.show(caller.client.pages(FUNCTION, path, {}, limit), columns, "Nothing happened.")


@command.command()
@click.argument("model", metavar="NAME")
@click.argument("version", type=click.IntRange(min=1))
@signed
def delete(*, caller: Caller, model: str, version: int) -> None:
    """Remove a version that no alias names.

    For seven days it can be had back.
    """
    with named(caller.client, "model", model):
        path = path_of("model", model, "versions", version)
        caller.client.call("DELETE", FUNCTION, path)
    caller.tell({"deleted": version, "model": model}, f"version {version} of {model} is deleted")


def _versions(model: Json, listed: Iterator[Json]) -> Iterator[Json]:
    for version in listed:
        aliases = [
            name for name, number in model["aliases"].items() if number == version["version"]
        ]
        yield version | {"named": aliases, "measured": _measured(version)}


def _measured(version: Json) -> str:
    held = version["metrics"].get("holdout") or {}
    names = MEASURES.get(version["task"], ())
    return ", ".join(f"{name} {held[name]:.4g}" for name in names if held.get(name) is not None)
