"""`./mayfly down`."""

import click

from infra.local import settings
from infra.local.stack import daemon


@click.command()
def command() -> None:
    """Stop everything that `up` started, also after a crash of the launcher. The data stay.

    \b
    Example:
      ./mayfly down
    """
    stopped = daemon.stop(settings.from_env())
    click.echo("Stopped; the data stay." if stopped else "Nothing is running.")
