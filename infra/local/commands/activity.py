"""`./mayfly activity`."""

import click

from infra.local.commands.signed import Caller, signed

COLUMNS = {
    "at": "at",
    "function": "function",
    "method": "method",
    "path": "path",
    "status": "status",
    "ms": "elapsed_ms",
    "caller": "caller",
    "key": "last_four",
    "rows": "rows",
    "call": "call",
}


@click.group()
def command() -> None:
    """Search what was asked of the functions: who, when, what, and what came of it.

    \b
    Examples:
      ./mayfly activity search
      ./mayfly activity search --function prediction --status 4xx --limit 20
      ./mayfly activity search --of system --from 2026-11-27T00:00:00Z --json
    """


@command.command()
@click.option("--of", type=click.Choice(("own", "workspace", "system")), help="Whose.")
@click.option("--caller", "who", help="A key's or an account's name.")
@click.option("--account", help="An account's id.")
@click.option("--key", help="A key's id, or its last four letters.")
@click.option("--function", help="A function's name.")
@click.option("--status", help="A number, or 4xx for all of a kind.")
@click.option("--call", help="A call's id, as X-Call-Id told it.")
@click.option("--from", "since", help="The first time that counts, ISO 8601.")
@click.option("--to", "until", help="The first time that does not count any more.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@signed
def search(
    *,
    caller: Caller,
    who: str | None,
    since: str | None,
    until: str | None,
    limit: int,
    **given: str | None,
) -> None:
    """List requests, newest first."""
    query = given | {"caller": who, "from": since, "to": until}
    caller.show(caller.all("/activity", limit, **query), COLUMNS)
