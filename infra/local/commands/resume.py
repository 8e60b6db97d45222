"""`./mayfly resume`."""

from urllib.parse import quote

import click

from infra.local.commands import invoke

# The function that has such things, and where.
KINDS = {"job": ("training", "jobs"), "dataset": ("datasets", "datasets")}


@click.command()
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.argument("name", metavar="ID")
@click.pass_context
def command(ctx: click.Context, kind: str, name: str) -> None:
    """Have a training job or an import that seems to stand still looked at now.

    Whatever it still has to do, and nobody is at, is queued again; what is being done goes on. It
    is shown as it stands. The exit code is 1 when there is none of that id.

    \b
    Examples:
      ./mayfly resume dataset titanic
      ./mayfly resume job 0b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e
    """
    function, place = KINDS[kind]
    path = f"/{place}/{quote(name, safe='')}/resume"
    ctx.invoke(invoke.command, function=function, path=path, method="POST")
