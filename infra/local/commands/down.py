"""`./mayfly down`."""

import json

import click

from infra.local import settings
from infra.local.stack import daemon


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def command(*, as_json: bool) -> None:
    """Stop everything that `up` started, also after a crash of the launcher. The data stay.

    \b
    Example:
      ./mayfly down
    """
    stopped = daemon.stop(settings.from_env())
    if as_json:
        click.echo(json.dumps({"stopped": stopped}))
        return
    click.echo("Stopped; the data stay." if stopped else "Nothing is running.")
