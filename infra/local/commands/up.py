"""`./mayfly up`."""

import sys

import click
from rich.console import Console

from infra.local import settings
from infra.local.errors import LocalError
from infra.local.platforms import PLATFORMS
from infra.local.stack import daemon, launch
from infra.local.stack.console import Lines

PARTS = ("firestore", "storage", "nats", "gateway", "web")


@click.command()
@click.option("--detach", "-d", is_flag=True, help="Return once everything is ready.")
@click.option("--fresh", is_flag=True, help="Start empty: all data and logs are deleted first.")
@click.option(
    "--only",
    multiple=True,
    type=click.Choice(PARTS),
    help="Start this part alone; may be given several times.",
)
@click.option(
    "--platform",
    type=click.Choice(list(PLATFORMS)),
    help="Be this platform alone, with its ways and no others; default: everything.",
)
@click.option("--watch", is_flag=True, help="A changed source file makes a new revision.")
@click.option("--free-ports", is_flag=True, help="Take the next free port where one is in use.")
def command(
    *,
    detach: bool,
    fresh: bool,
    only: tuple[str, ...],
    platform: str | None,
    watch: bool,
    free_ports: bool,
) -> None:
    """Start every part, wait until it is ready, deploy the functions, and watch.

    A part that dies is started again. Ctrl-C stops everything; the data stay.

    \b
    Examples:
      ./mayfly up
      ./mayfly up --detach                     then: ./mayfly down
      ./mayfly up --fresh                      without the data of yesterday
      ./mayfly up --watch                      while you edit functions
      ./mayfly up --free-ports                 when a port is taken
      MAYFLY_WEB_PORT=8100 ./mayfly up         the same, chosen by you
      MAYFLY_HOME=~/other ./mayfly up --free-ports   a second one beside the first
      ./mayfly up --only firestore --only storage
      ./mayfly up --platform knative           no OpenFaaS: hosts and the broker alone
      ./mayfly up --platform openfaas-ce       no Knative, the Community Edition's rules
    """
    stack = settings.from_env()
    if platform:
        stack = stack.with_platform(platform)
    if watch and not stack.platform.has_knative:
        raise LocalError(
            f"--watch deploys by Knative's API, which {stack.platform.name} has not.",
            "Leave one of the two out.",
        )
    if detach:
        options = ["--fresh"] * fresh + ["--watch"] * watch + ["--free-ports"] * free_ports
        options += [word for part in only for word in ("--only", part)]
        _detach(stack, options)
        return
    console = Console()
    lines = Lines(console)
    try:
        launch.run(stack, lines, only, fresh=fresh, watch=watch, free_ports=free_ports)
    except KeyboardInterrupt:
        lines.say("Stopped; the data stay.")


def _detach(stack: settings.Settings, options: list[str]) -> None:
    run = daemon.running(stack)
    if run is not None:
        raise LocalError(
            f"Mayfly is running already (launcher: process {run.launcher.pid}).",
            "See ./mayfly status, or ./mayfly down.",
        )

    def say(text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()

    try:
        daemon.start(stack, options, say, with_parent=False)
    except LocalError:
        sys.exit(1)  # the launcher's own line has been shown
