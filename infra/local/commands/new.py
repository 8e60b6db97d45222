"""`./mayfly new`."""

import re
from pathlib import Path

import click

from infra.local import templates
from infra.local.errors import LocalError

_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--event", is_flag=True, help="For CloudEvents, with a trigger; default: for HTTP.")
def command(path: Path, *, event: bool) -> None:
    """Write a function to start from, with its test, in a new folder.

    \b
    Examples:
      ./mayfly new hello
      ./mayfly new ~/functions/greeter --event
      ./mayfly deploy hello
    """
    name = path.resolve().name
    if not _NAME.fullmatch(name):
        raise LocalError(
            f"{name!r} is no name for a function.", "Use lower-case letters, digits and '-'."
        )
    if path.exists():
        raise LocalError(f"{path} exists already.", "Name a new folder.")
    path.mkdir(parents=True)
    for file, template in (templates.EVENT if event else templates.HTTP).items():
        (path / file).write_text(template.substitute(name=name))
        click.echo(f"wrote {path / file}")
    click.echo(f"Next: ./mayfly up, then ./mayfly deploy {path}, ./mayfly invoke {name}")
