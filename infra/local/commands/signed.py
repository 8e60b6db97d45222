"""Options of commands that call functions with a key, and how they show what these answer."""

import functools
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import click
from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from infra.local.calling.function_client import START, FunctionClient
from infra.local.commands.remote import Remote, key_for, remote_option
from infra.local.errors import LocalError
from infra.local.key_file import KEY
from infra.local.stack import daemon

Json = dict[str, Any]
ACCOUNTS = "accounts"
WEB_URL = "MAYFLY_WEB_URL"
"""The variable that says where the pages are."""
ELSEWHERE = "Does it run, and is its address (MAYFLY_URL, --gateway or --function-url) right?"
WIDE = 200  # columns, where no terminal says how many there are
_MOMENT = re.compile(r"^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d).*$")  # tables tell seconds
_SUBJECT = {"kind", "name"}  # the fields of what a key is for


class ListingGroup(click.Group):
    """Commands of which one, `lists`, is meant where none is named.

    Args:
        args: click's.
        lists: that command.
        takes_name: whether a word that is no command is meant for it, too.
        options: click's.
    """

    def __init__(
        self, *args: Any, lists: str = "list", takes_name: bool = False, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        self._lists = lists
        self._takes_name = takes_name

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put in the command that is meant."""
        if not ctx.resilient_parsing and not self._names_command(ctx, args):
            args = [self._lists, *args]
        return super().parse_args(ctx, args)

    def _names_command(self, ctx: click.Context, args: list[str]) -> bool:
        if not args:
            return False
        if args[0].startswith("-"):
            return args[0] in self.get_help_option_names(ctx)
        return args[0] in self.commands or not self._takes_name


class Caller:
    """Calls functions, and shows their answers: as tables, or as JSON for programs.

    Args:
        client: of the system.
        web_url: where its pages are; empty where that is not known.
        as_json: whether programs read what is shown.
    """

    def __init__(self, client: FunctionClient, web_url: str, *, as_json: bool) -> None:
        self.client = client
        self.web_url = web_url
        self.as_json = as_json

    def call(self, method: str, path: str, body: Json | None = None) -> Any:
        """Return what the function `accounts` answers; raises LocalError."""
        options = {} if body is None else {"json": body}
        return self.client.call(method, ACCOUNTS, path, **options)

    def all(self, path: str, most: int | None = None, **query: Any) -> list[Json]:
        """Return the items of one of its lists; raises LocalError."""
        return list(self.client.pages(ACCOUNTS, path, query, most))

    def pages(self) -> str:
        """Return where the pages are; raises LocalError where that is not known."""
        if self.web_url:
            return self.web_url
        raise LocalError(
            "Where the pages of that system are is not known.", f"Say it: --web URL, or {WEB_URL}."
        )

    def show(self, rows: Iterable[Json], columns: Mapping[str, str], none: str) -> None:
        """Show things: each a row, whose columns are fields by what is written above them.

        Args:
            rows: the things.
            columns: the fields that are shown, by the words above them.
            none: what people are told where there is no row.
        """
        found = list(rows)
        if self.as_json or not found:
            click.echo(json.dumps(found, indent=2) if self.as_json else none)
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
        for line in [json.dumps(thing, indent=2)] if self.as_json else lines:
            click.echo(line)


def signed(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a system, a key and JSON; it gets `caller`."""

    @functools.wraps(command)
    def chosen(
        *, remote: Remote | None, key_file: Path | None, as_json: bool, **given: Any
    ) -> None:
        stack = daemon.current()
        addresses = remote.addresses if remote else stack.addresses
        remedy = ELSEWHERE if remote else START
        with FunctionClient(
            addresses, key_for(remote, key_file, stack.key_file), remedy=remedy
        ) as client:
            web_url = os.environ.get(WEB_URL) or ("" if remote else stack.web_url)
            command(caller=Caller(client, web_url, as_json=as_json), **given)

    chosen = click.option("--json", "as_json", is_flag=True, help="For programs.")(chosen)
    chosen = click.option(
        "--key-file",
        type=click.Path(path_type=Path),
        help=f"File with the API key; without one [{KEY}], or the first key of this machine.",
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
