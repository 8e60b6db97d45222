"""`./mayfly restore`."""

import json
from pathlib import Path

import click

from infra.local import settings
from infra.local.backups import restoring
from infra.local.commands.backup import here_alone
from infra.local.commands.progress import Meter


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--check", "checks_alone", is_flag=True, help="Check the archive; change nothing.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def command(*, file: Path, checks_alone: bool, as_json: bool) -> None:
    """Fill an empty home from an archive of ./mayfly backup.

    All of it is unpacked beside the home and checked first: each file by its SHA-256, each database
    as a whole. Then the home is there at once, or not at all.

    \b
    Examples:
      ./mayfly restore --check mayfly.tar.gz
      MAYFLY_HOME=~/restored ./mayfly restore mayfly.tar.gz
      MAYFLY_HOME=~/restored ./mayfly up --free-ports
    """
    here_alone("restore")
    stack = settings.from_env()
    done = 0
    with Meter() as meter:

        def told(size: int) -> None:
            nonlocal done
            done += size
            meter.tell(
                f"{file} is being unpacked", count=f"{done >> 20:,} MB" if done >> 20 else ""
            )

        if checks_alone:
            manifest = restoring.check(file, told)
        else:
            manifest = restoring.restore(stack, file, told)
    if as_json:
        about = {"file": str(file), "home": None if checks_alone else str(stack.home)}
        about |= {"made_at": manifest.made_at, "version": manifest.version}
        click.echo(json.dumps(about | {"files": len(manifest.files)}, indent=2))
        return
    count = f"{len(manifest.files):,} files of {manifest.made_at}"
    if checks_alone:
        click.echo(f"{file} is whole: {count}")
        return
    click.echo(f"{stack.home} has {count}, each as it was. Start it: ./mayfly up")
