"""`./mayfly lock`."""

import subprocess
import sys

import click

from infra.local.settings import ROOT

# No index line and no note of a machine: the file names packages, versions and hashes alone.
OPTIONS = (
    "requirements-dev.txt --universal --python-version 3.11 --generate-hashes "
    "--no-emit-index-url --no-header --no-annotate -o requirements.lock"
)


@click.command()
@click.option("--upgrade", is_flag=True, help="Take the newest versions that fit together.")
def command(*, upgrade: bool) -> None:
    """Write requirements.lock anew from the requirements.txt files of all parts.

    \b
    Examples:
      ./mayfly lock               after a change of a requirements.txt
      ./mayfly lock --upgrade     newer versions of everything
    """
    program = [sys.executable, "-m", "uv", "pip", "compile", *OPTIONS.split()]
    done = subprocess.run([*program, *["--upgrade"] * upgrade, "--quiet"], cwd=ROOT, check=False)
    sys.exit(done.returncode)
