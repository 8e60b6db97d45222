"""The command line. A command's module is loaded when it is called, so that every call is quick."""

import importlib
import tomllib
from typing import Any

import click
from click.shell_completion import CompletionItem

from infra.local import schemas
from infra.local.catalogue import COMMANDS, SECTIONS
from infra.local.errors import LocalError, from_os_error
from infra.local.settings import ROOT

COMPLETE = "_MAYFLY_COMPLETE"
"""The variable by which a shell asks for completions."""


class LazyGroup(click.Group):
    """Loads a command on its call, and turns what can go wrong into one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the commands in the order of a first day's work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Load a command."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"infra.local.commands.{COMMANDS[cmd_name].module}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is meant; one that there is not is told with the nearest."""
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:
            raise click.NoSuchCommand(args[0], possibilities=COMMANDS, ctx=ctx) from error

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the commands that begin so, without loading them."""
        if incomplete.startswith("-"):
            return super().shell_complete(ctx, incomplete)
        return [
            CompletionItem(name, help=entry.text)
            for name, entry in COMMANDS.items()
            if name.startswith(incomplete)
        ]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """List the commands by what they are for, without loading them."""
        longest = max(map(len, COMMANDS))
        for title, entries in SECTIONS.items():
            with formatter.section(title):
                rows = [(name.ljust(longest), entry.text) for name, entry in entries.items()]
                formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was called."""
        try:
            schemas.ensure()
            return super().invoke(ctx)
        except LocalError as error:
            raise click.ClickException(str(error)) from error
        except BrokenPipeError:
            raise  # `| head` is no failure; click ends quietly
        except OSError as error:
            raise click.ClickException(str(from_os_error(error))) from error


def _show_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:  # noqa: FBT001 - click's signature
    if wanted and not ctx.resilient_parsing:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        click.echo(f"mayfly {project['version']}")
        ctx.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and exit.",
)
def mayfly() -> None:
    """Mayfly: from a table of data to a monitored prediction API.

    \b
    First steps:
      ./mayfly demo       the whole way on real data, then everything is stopped
      ./mayfly up         start everything; Ctrl-C stops it
      ./mayfly COMMAND -h what a command does, with examples

    \b
    With MAYFLY_URL and MAYFLY_KEY the commands on data, models, predictions and
    accounts speak to a Mayfly elsewhere (./mayfly env prints both). Exit codes:
    0 it is done, 1 it is not (one line on the standard error says why), 2 the
    call itself is wrong.
    """


def main() -> None:
    """Run the command line."""
    mayfly(prog_name="./mayfly", complete_var=COMPLETE)
