"""`./mayfly activity`."""

import datetime as dt
import re
from typing import Any

import click

from infra.local.commands.signed import Caller, ListingGroup, signed

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
    "why refused": "reason",
}


class Moment(click.ParamType[str]):
    """A day or a time of ISO 8601; in UTC where it does not say."""

    name = "TIME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the time as the functions read it."""
        try:
            moment = dt.datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no time, such as 2026-11-27 or 2026-11-27T12:30.", param, ctx)
        return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).isoformat()


class Status(click.ParamType[str]):
    """An HTTP status, or all of a kind."""

    name = "STATUS"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the status."""
        if re.fullmatch(r"[0-9]([0-9]{2}|xx)", value, re.ASCII):
            return str(value)
        return self.fail(f"{value!r} is no status, such as 404 or 4xx.", param, ctx)


@click.group(cls=ListingGroup, lists="search")
def command() -> None:
    """Search what was asked of the functions: who, when, what, and what came of it.

    \b
    Examples:
      ./mayfly activity
      ./mayfly activity --function prediction --status 4xx --limit 20
      ./mayfly activity --of system --from 2026-11-27 --json
    """


@command.command()
@click.option("--of", type=click.Choice(("own", "workspace", "system")), help="Whose.")
@click.option("--caller", "who", help="A key's or an account's name.")
@click.option("--account", help="An account's id.")
@click.option("--key", help="A key's id, or its last four letters.")
@click.option("--function", help="A function's name.")
@click.option("--status", type=Status(), help="A number, or 4xx for all of a kind.")
@click.option("--call", help="A call's id, as X-Call-Id told it.")
@click.option("--from", "since", type=Moment(), help="The first time that counts; UTC if unsaid.")
@click.option("--to", "until", type=Moment(), help="The first that does not count any more.")
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
    caller.show(caller.all("/activity", limit, **query), COLUMNS, "Nothing was asked so.")
