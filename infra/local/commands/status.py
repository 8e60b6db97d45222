"""`./mayfly status`."""

import json
import sys
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from infra.local import settings
from infra.local.deploying.knative_gateway import gateway_of
from infra.local.errors import LocalError
from infra.local.health.probes import TIMEOUT
from infra.local.stack import daemon, home, parts
from infra.local.stack.runfile import Run


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def command(*, as_json: bool) -> None:
    """Show the parts, whether they answer, and the functions with their replicas.

    The exit code is 0 when every part answers, 3 when nothing runs, 1 otherwise. Where the gateway
    does not tell its functions, the reason stands in their place.

    \b
    Examples:
      ./mayfly status
      ./mayfly status --json
    """
    stack = daemon.current()
    run = daemon.running(stack)
    if run is None:
        click.echo("{}" if as_json else "Nothing is running. Start it: ./mayfly up")
        sys.exit(3)
    found = _parts(stack, run)
    functions, reason = _functions(stack) if "gateway" in run.parts else ([], "")
    ready = all(part["ready"] for part in found) and not reason
    if as_json:
        unknown = {"reason": reason} if reason else {}
        shown: dict[str, Any] = {"status": "ready" if ready else "failing", "parts": found}
        shown |= {"functions": None if reason else functions, **unknown}
        click.echo(json.dumps(shown, indent=2))
    else:
        _show(stack, found, functions, reason)
    sys.exit(0 if ready else 1)


def _parts(stack: settings.Settings, run: Run) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "address": part.address,
            "pid": run.parts[name].pid,
            "ready": run.parts[name].is_alive() and part.is_ready(),
        }
        for name, part in parts.all_parts(stack).items()
        if name in run.parts
    ]


def _functions(stack: settings.Settings) -> tuple[list[dict[str, Any]], str]:
    """Return name, replicas and calls of each function, and why they are unknown if they are.

    Why, not what to do: a failing call's advice is to look at this very status.
    """
    try:
        password = home.password(stack)
        with gateway_of(stack, password, patience=1, reading=TIMEOUT) as gateway:
            found = gateway.functions()
    except LocalError as error:
        return [], error.message
    keys = ("name", "replicas", "invocationCount")
    return [{key: function.get(key) for key in keys} for function in found], ""


def _calls(stack: settings.Settings, function: dict[str, Any]) -> str:
    """Return how often a function was called; Knative does not count it."""
    return str(function["invocationCount"] or 0) if stack.platform.has_openfaas else ""


def _show(
    stack: settings.Settings,
    found: list[dict[str, Any]],
    functions: list[dict[str, Any]],
    reason: str,
) -> None:
    console = Console()
    table = Table("part", "address", "process", "answers")
    for part in found:
        answers = "[green]yes[/]" if part["ready"] else "[red]no[/]"
        table.add_row(part["name"], part["address"], str(part["pid"]), answers)
    console.print(table)
    if functions:
        table = Table("function", "replicas", "calls", "address")
        for function in functions:
            address = stack.addresses.url(function["name"])
            calls = _calls(stack, function)
            table.add_row(function["name"], str(function["replicas"]), calls, address)
        console.print(table)
    if reason:
        said = f"{escape(reason)} Why, ./mayfly logs gateway may tell."
        console.print(f"[red]The functions are not known.[/] {said}", soft_wrap=True)
    console.print(f"API key: {stack.key_file}", highlight=False, soft_wrap=True)
