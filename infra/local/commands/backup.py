"""`./mayfly backup`."""

import datetime as dt
import json
import os
from pathlib import Path

import click

from infra.local.backups import taking
from infra.local.commands.progress import Meter
from infra.local.commands.remote import URL
from infra.local.errors import LocalError
from infra.local.stack import daemon


@click.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def command(*, file: Path | None, as_json: bool) -> None:
    """Write all state of this machine's Mayfly to one archive.

    Documents, files, queues, deployments, keys and passwords; running or not. What runs stands
    still while its state is copied, for less than a second as a rule, and goes on: no call fails.
    The archive is readable by its owner alone: whoever has it, has the keys.

    \b
    Examples:
      ./mayfly backup
      ./mayfly backup /mnt/backups/mayfly.tar.gz
      MAYFLY_HOME=~/other ./mayfly backup other.tar.gz --json
    """
    here_alone("backup")
    stack = daemon.current()
    target = file or Path(f"mayfly-{dt.datetime.now(dt.UTC):%Y%m%d-%H%M%S}.tar.gz")
    done = 0
    with Meter() as meter:

        def told(size: int) -> None:
            nonlocal done
            done += size
            meter.tell(
                f"{target} is being written", count=f"{done >> 20:,} MB" if done >> 20 else ""
            )

        manifest = taking.take(stack, target.absolute(), told)
    size = target.stat().st_size
    if as_json:
        about = {"file": str(target), "bytes": size, "files": len(manifest.files)}
        click.echo(json.dumps(about | {"made_at": manifest.made_at}, indent=2))
        return
    click.echo(f"{len(manifest.files):,} files of state, {size:,} bytes in {target}")
    click.echo(f"check it: ./mayfly restore --check {target}")


def here_alone(name: str) -> None:
    """Refuse a command on this machine's home where variables lead elsewhere; raises LocalError."""
    if os.environ.get(URL):
        raise LocalError(
            f"{URL} leads to another Mayfly, and {name} is for the home of this machine's.",
            f"Run it there, or without {URL}.",
        )
