"""`./mayfly types`."""

from pathlib import Path

import click

from infra.local.tools import PATHS, become


@click.command()
@click.argument("paths", nargs=-1, type=PATHS)
def command(paths: tuple[Path, ...]) -> None:
    """Check the types of everything: mypy, strict. The first run takes a minute.

    \b
    Examples:
      ./mayfly types
      ./mayfly types functions/kit
    """
    become("mypy", paths=paths)
