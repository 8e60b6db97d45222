"""`./mayfly lint`."""

from pathlib import Path

import click

from infra.local.tools import PATHS, become


@click.command()
@click.option("--fix", is_flag=True, help="Mend what can be mended safely.")
@click.argument("paths", nargs=-1, type=PATHS)
def command(paths: tuple[Path, ...], *, fix: bool) -> None:
    """Look for mistakes in the code: ruff, with the rules of pyproject.toml.

    The exit code is 0 when there are none.

    \b
    Examples:
      ./mayfly lint
      ./mayfly lint --fix web
    """
    become("ruff", "check", *["--fix"] * fix, paths=paths)
