"""`./mayfly logs`."""

import time
from collections.abc import Iterator

import click

from infra.local import settings
from infra.local.deploying.knative_gateway import gateway_of
from infra.local.errors import LocalError
from infra.local.stack import daemon, home
from infra.local.stack.parts import all_parts
from infra.local.system import log_files

LOOK_EVERY = 0.2


@click.command()
@click.argument("name", default="launcher")
@click.option(
    "-n",
    "--lines",
    type=click.IntRange(min=0),
    default=50,
    show_default=True,
    help="How many of the last lines.",
)
@click.option("-f", "--follow", is_flag=True, help="Go on until Ctrl-C.")
def command(name: str, lines: int, *, follow: bool) -> None:
    """Show the log of a part (firestore, storage, nats, gateway, web, launcher) or a function.

    \b
    Examples:
      ./mayfly logs gateway
      ./mayfly logs training -f
    """
    stack = daemon.current()
    if name == "launcher" or name in all_parts(stack):
        _show_part(stack, name, lines, follow=follow)
    else:
        for line in _function_lines(stack, name, lines, follow=follow):
            click.echo(line)


def _show_part(stack: settings.Settings, name: str, lines: int, *, follow: bool) -> None:
    log = daemon.log_file(stack) if name == "launcher" else stack.logs / f"{name}.log"
    if not log.exists() and not follow:
        raise LocalError(f"There is no log of {name} at {log}.", "The first ./mayfly up begins it.")
    size = log.stat().st_size if log.exists() else 0
    text = log_files.tail(log, lines)
    if text:
        click.echo(text)

    def more() -> bool:
        time.sleep(LOOK_EVERY)
        return True

    for text in log_files.follow(log, size, more) if follow else ():
        click.echo(text, nl=False)


def _function_lines(
    stack: settings.Settings, name: str, lines: int, *, follow: bool
) -> Iterator[str]:
    with gateway_of(stack, home.password(stack), patience=2) as gateway:
        for replica, text in gateway.function_log(name, lines, follow=follow):
            yield f"{replica} {text}"
