"""`./mayfly logs`."""

import time
from collections.abc import Iterator, Mapping

import click

from infra.local import settings
from infra.local.deploying.knative_gateway import gateway_of
from infra.local.errors import LocalError
from infra.local.stack import daemon, home
from infra.local.stack.parts import all_parts
from infra.local.system import log_files

LOOK_EVERY = 0.2
LEVELS = ("debug", "info", "warning", "error", "critical")
MOST = 1000
"""Lines that one search gives, as the gateway has it."""


@click.command()
@click.argument("name", required=False)
@click.option(
    "-n",
    "--lines",
    type=click.IntRange(min=0),
    default=50,
    show_default=True,
    help="How many of the last lines.",
)
@click.option("-f", "--follow", is_flag=True, help="Go on until Ctrl-C.")
@click.option("--search", "text", metavar="TEXT", help="Lines that have this text, of every log.")
@click.option("--level", type=click.Choice(LEVELS), help="Lines of this level, or worse.")
@click.option("--trace", metavar="ID", help="Lines about one request, wherever it went.")
@click.option("--since", metavar="WHEN", help="2026-11-28T06:00:00Z, or how long ago: 15m.")
@click.option("--until", metavar="WHEN", help="As --since.")
def command(name: str | None, lines: int, *, follow: bool, **search: str | None) -> None:
    """Show the log of a part (firestore, storage, nats, gateway, web, launcher) or a function.

    With --search, --level, --trace, --since or --until the gateway looks through every log, or that
    of NAME alone; the newest line is the last.

    \b
    Examples:
      ./mayfly logs gateway
      ./mayfly logs training -f
      ./mayfly logs --search "not taken" --since 1h
      ./mayfly logs monitoring --level warning
    """
    stack = daemon.current()
    wanted = {key: text for key, text in search.items() if text is not None}
    if wanted:
        if follow:
            raise LocalError("A search does not go on.", "Leave --follow out, or search later.")
        _show_found(stack, {**wanted, "name": name or "", "limit": max(1, min(lines, MOST))})
        return
    name = name or "launcher"
    if name == "launcher" or name in all_parts(stack):
        _show_part(stack, name, lines, follow=follow)
    else:
        for line in _function_lines(stack, name, lines, follow=follow):
            click.echo(line)


def _show_found(stack: settings.Settings, asked: Mapping[str, str | int]) -> None:
    with gateway_of(stack, home.password(stack), patience=2) as gateway:
        found = gateway.search_logs(asked)
    for line in reversed(found):
        click.echo(f"{line['time']} {line['service']} {line['level']}: {line['text']}")


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
