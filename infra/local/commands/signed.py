"""Options of commands that call the function `accounts`, and how they show what it answers."""

import functools
import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import click
from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from infra.local.calling.function_client import FunctionClient
from infra.local.commands.remote import Remote, remote_option
from infra.local.key_file import read_secret
from infra.local.stack import daemon

Json = dict[str, Any]
ACCOUNTS = "accounts"
WIDE = 200  # columns, where no terminal says how many there are
_MOMENT = re.compile(r"^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d).*$")  # tables tell seconds
_SUBJECT = {"kind", "name"}  # the fields of what a key is for


class ListingGroup(click.Group):
    """Commands of which one, `lists`, is meant where none is named."""

    def __init__(self, *args: Any, lists: str = "list", **options: Any) -> None:
        super().__init__(*args, **options)
        self._lists = lists

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put in the command that is meant."""
        helps = self.get_help_option_names(ctx)
        if not args or (args[0].startswith("-") and args[0] not in helps):
            args = [self._lists, *args]
        return super().parse_args(ctx, args)


class Caller:
    """Calls the function `accounts`, and shows its answers: as tables, or as JSON for programs.

    Args:
        client: of the system.
        web_url: where its pages are.
        as_json: whether programs read what is shown.
    """

    def __init__(self, client: FunctionClient, web_url: str, *, as_json: bool) -> None:
        self._client = client
        self.web_url = web_url
        self._as_json = as_json

    def call(self, method: str, path: str, body: Json | None = None) -> Any:
        """Return what the function answers; raises LocalError."""
        options = {} if body is None else {"json": body}
        return self._client.call(method, ACCOUNTS, path, **options)

    def all(self, path: str, most: int | None = None, **query: Any) -> list[Json]:
        """Return the items of a list; raises LocalError."""
        return list(self._client.pages(ACCOUNTS, path, query, most))

    def show(self, rows: Iterable[Json], columns: Mapping[str, str], none: str) -> None:
        """Show things: each a row, whose columns are fields by what is written above them.

        Args:
            rows: the things.
            columns: the fields that are shown, by the words above them.
            none: what people are told where there is no row.
        """
        found = list(rows)
        if self._as_json or not found:
            click.echo(json.dumps(found, indent=2) if self._as_json else none)
            return
        table = Table(box=SIMPLE, pad_edge=False)
        for name, field in columns.items():
            table.add_column(name, no_wrap=field == "id", overflow="fold")
        for row in found:
            table.add_row(*[escape(_text(row.get(field))) for field in columns.values()])
        console = Console()
        if not console.is_terminal:
            console.width = WIDE
        console.print(table)

    def tell(self, thing: Json, *lines: str) -> None:
        """Show one thing: as JSON, or in lines of text."""
        for line in [json.dumps(thing, indent=2)] if self._as_json else lines:
            click.echo(line)


def signed(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a system, a key and JSON; it gets `caller`."""

    @functools.wraps(command)
    def chosen(
        *, remote: Remote | None, key_file: Path | None, as_json: bool, **given: Any
    ) -> None:
        stack = daemon.current()
        addresses = remote.addresses if remote else stack.addresses
        with FunctionClient(addresses, read_secret(key_file or stack.key_file)) as client:
            command(caller=Caller(client, stack.web_url, as_json=as_json), **given)

    chosen = click.option("--json", "as_json", is_flag=True, help="For programs.")(chosen)
    chosen = click.option(
        "--key-file",
        type=click.Path(path_type=Path),
        help="File with the API key; without one, the first key of this machine.",
    )(chosen)
    return remote_option(chosen)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    if isinstance(value, dict) and value.keys() == _SUBJECT:
        return f"{value['kind']} {value['name']}"
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_text(item)}" for key, item in value.items())
    return _MOMENT.sub(r"\1 \2", str(value))
