"""`./mayfly demo`."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from infra.local import settings
from infra.local.commands.remote import Remote, key_for, remote_option
from infra.local.demo.client import Access, Client
from infra.local.demo.run import run
from infra.local.demo.table import agrees, render
from infra.local.key_file import read_secret
from infra.local.stack import daemon, home

if TYPE_CHECKING:
    import subprocess

# What the launcher said at its start, with addresses of pages and functions, holds no longer.
GONE = (
    "\nStopped again: the addresses above answer no more, the data stay. "
    "To look around: ./mayfly up, or ./mayfly demo --keep"
)


@click.command()
@click.option("--keep", is_flag=True, help="Leave running what was started.")
@remote_option
@click.option(
    "--key-file",
    type=click.Path(path_type=Path),
    help="File with an API key of that system; without one, the first key of this machine.",
)
@click.option(
    "--password-file",
    type=click.Path(path_type=Path),
    help="File with its gateway's password; without one, the cold start is not measured.",
)
def command(
    *, keep: bool, remote: Remote | None, key_file: Path | None, password_file: Path | None
) -> None:
    """From examples/titanic.csv to a served prediction, on real parts.

    Starts what is not running (on other ports where some are in use), loads the passengers, trains
    candidates, promotes the best, predicts, and prints what it measured. Stops what it started. A
    second run makes a new version. Against another system nothing is started; the cold start is
    measured where that is an OpenFaaS gateway whose password is known.

    \b
    Examples:
      ./mayfly demo
      ./mayfly demo --keep                     then look around: ./mayfly status
      ./mayfly demo --gateway http://127.0.0.1:8080 --key-file key
      ./mayfly demo --function-url 'http://{name}.default.example.com{path}' --key-file key
    """
    console = Console()
    stack = daemon.current()
    if remote:
        key, password = key_for(remote, key_file, stack.key_file), _optional(password_file)
        remote.check()
        access = Access(remote.addresses, key, remote.gateway, password)
        sys.exit(_tell(Client(access), console))
    if key_file or password_file:
        raise click.UsageError(
            "--key-file and --password-file are for the system of --gateway URL or --function-url."
        )
    with _stack(stack, keep=keep) as revive:
        stack = daemon.current()
        code = _tell(Client(_own(stack), revive=revive), console)
    sys.exit(code)


def _own(stack: settings.Settings) -> Access:
    """Return how to reach this machine's own stack."""
    key, password = read_secret(stack.key_file), home.password(stack)
    return Access(stack.addresses, key, stack.openfaas_url, password)


def _tell(client: Client, console: Console) -> int:
    """Run the demo and print its table; return the exit code."""
    outcome = run(client, console)
    console.print()
    console.print(render(outcome), highlight=False)
    if not agrees(outcome.job):
        console.print("[red]ONNX and scikit-learn do not agree.[/]")
        return 1
    return 0


@contextmanager
def _stack(stack: settings.Settings, *, keep: bool) -> Iterator[Callable[[], None]]:
    """Have a stack for the block; gives what revives it, should its launcher be killed."""
    if daemon.running(stack) is not None:
        yield lambda: None
        return
    started: list[subprocess.Popen[bytes]] = []

    def start(on: settings.Settings) -> None:
        started.append(daemon.start(on, ["--free-ports"], _write, with_parent=not keep))

    def revive() -> None:
        if started[-1].poll() is not None:
            start(found)

    try:
        start(stack)
        found = daemon.current()  # its clients know it by these ports from now on
        click.echo()
        yield revive
    finally:
        if not keep or not started:
            daemon.stop(stack)
        if started and not keep:
            click.echo(GONE)


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _optional(path: Path | None) -> str:
    return "" if path is None else read_secret(path, "password", "--password-file")
