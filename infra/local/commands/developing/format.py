"""`./mayfly format`."""

from pathlib import Path

import click

from infra.local.tools import PATHS, become


@click.command()
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 where something would.")
@click.argument("paths", nargs=-1, type=PATHS)
def command(paths: tuple[Path, ...], *, check: bool) -> None:
    """Lay the code out as ruff does.

    \b
    Examples:
      ./mayfly format
      ./mayfly format --check
      ./mayfly format web/main.py
    """
    become("ruff", "format", *["--check"] * check, paths=paths)
