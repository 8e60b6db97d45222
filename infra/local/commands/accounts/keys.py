"""`./mayfly keys`."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from functions.kit.adapters.api_keys import write_file
from infra.local.commands.signed import Caller, ListingGroup, signed

SCOPES = ("read", "predict", "write")
COLUMNS = {
    "id": "id",
    "name": "name",
    "ends in": "last_four",
    "may": "scopes",
    "only": "only",
    "ends": "ends_at",
    "last used": "last_used_at",
}
NONE = "No key was made here yet: ./mayfly keys make NAME --scope predict"
OF_ALL = {"id": "id", "account": "account"} | COLUMNS


@click.group(cls=ListingGroup)
def command() -> None:
    """List, make, rotate and revoke API keys.

    \b
    Examples:
      ./mayfly keys --all
      ./mayfly keys make ci --scope read --scope predict --model titanic --days 90 > ci.key
      ./mayfly keys rotate 0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e --overlap 3600
      ./mayfly keys revoke 0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e
    """


@command.command("list")
@click.option("--all", "whole", is_flag=True, help="Everybody's in the workspace.")
@signed
def list_keys(*, caller: Caller, whole: bool) -> None:
    """List keys, newest first; never what opens anything."""
    found = caller.all("/keys", of="all" if whole else "own")
    caller.show(found, OF_ALL if whole else COLUMNS, NONE)


@command.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice(SCOPES),
    help="What it may do; may be given several times.",
)
@click.option("--model", help="The one model that it is for.")
@click.option("--dataset", help="The one dataset that it is for.")
@click.option("--days", type=click.IntRange(min=1), help="How long it counts; default: for ever.")
@click.option("--account", help="The id of another's account, for who runs the system.")
@click.option("--out", type=click.Path(path_type=Path), help="A file for it, its owner's alone.")
@signed
def make(
    *,
    caller: Caller,
    name: str,
    scopes: tuple[str, ...],
    model: str | None,
    dataset: str | None,
    days: int | None,
    account: str | None,
    out: Path | None,
) -> None:
    """Make a key. It is told this once, on the standard output or in --out."""
    if model and dataset:
        raise click.UsageError("Give --model or --dataset, not both.")
    body: dict[str, Any] = {"name": name, "scopes": list(scopes)}
    if model or dataset:
        body["only"] = {"kind": "model" if model else "dataset", "name": model or dataset}
    body |= {key: value for key, value in (("days", days), ("account", account)) if value}
    _give(caller, caller.call("POST", "/keys", body), out)


@command.command()
@click.argument("key", metavar="ID")
@click.option(
    "--overlap",
    type=click.IntRange(min=0),
    default=24 * 3600,
    show_default=True,
    help="Seconds for which the old one goes on counting.",
)
@click.option("--out", type=click.Path(path_type=Path), help="A file for it, its owner's alone.")
@signed
def rotate(*, caller: Caller, key: str, overlap: int, out: Path | None) -> None:
    """Make a key in the place of another, which ends after --overlap seconds."""
    made = caller.call("POST", f"/keys/{quote(key, safe='')}/rotate", {"overlap_seconds": overlap})
    _give(caller, made, out)


@command.command()
@click.argument("keys", metavar="ID...", nargs=-1, required=True)
@signed
def revoke(*, caller: Caller, keys: tuple[str, ...]) -> None:
    """Let keys not count any more: each function refuses them within a second."""
    for key in keys:
        caller.call("DELETE", f"/keys/{quote(key, safe='')}")
    caller.tell({"revoked": list(keys)}, *[f"key {key} is revoked" for key in keys])


def _give(caller: Caller, made: dict[str, Any], out: Path | None) -> None:
    """Tell a new key: itself on the standard output, so that it can go into a file."""
    if out is not None:
        write_file(out, made.pop("key") + "\n")
        caller.tell(made, f"key {made['id']} is in {out}")
        return
    click.echo(f"key {made['id']}, told this once:", err=True)
    caller.tell(made, made["key"])
