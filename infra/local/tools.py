"""The tools that check the code, as programs in place of this one."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn

import click

from infra.local.settings import ROOT

PATHS = click.Path(exists=True, resolve_path=True, path_type=Path)


def become(tool: str, *arguments: str, paths: Iterable[Path] = ()) -> NoReturn:
    """Run `tool` on `paths`, or on everything; its output and exit code are the command's."""
    os.chdir(ROOT)  # where pyproject.toml holds the settings of all tools
    program = [sys.executable, "-m", tool, *arguments, *map(str, paths)]
    os.execv(sys.executable, program)  # noqa: S606 - no shell is wanted
