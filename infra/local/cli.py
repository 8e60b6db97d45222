"""The command line. A command's module is loaded when it is called, so that every call is quick."""

import importlib
from collections.abc import Mapping
from typing import Any

import click

from infra.local import schemas
from infra.local.errors import LocalError, from_os_error

COMMANDS: Mapping[str, str] = {
    "up": "Start every part, and watch it.",
    "down": "Stop everything, and leave no process behind.",
    "status": "Show the parts and the functions.",
    "demo": "From titanic.csv to a served prediction, with measured figures.",
    "deploy": "Deploy Knative files, or a folder with your own function.",
    "setup": "Give a system elsewhere its secrets and its first API key.",
    "new": "Write a function to start from, with its test.",
    "users": "List, add and shut out accounts; sign in.",
    "keys": "List, make, rotate and revoke API keys.",
    "plans": "List plans, say what they allow, and remove them.",
    "activity": "Search what was asked of the functions.",
    "invoke": "Call a function.",
    "resume": "Have a job or an import that stands still looked at now.",
    "logs": "Show the log of a part or of a function.",
    "screenshots": "Take pictures of every page.",
    "doctor": "Check what Mayfly needs on this machine.",
    "test": "Run every test.",
    "lint": "Look for mistakes in the code.",
    "format": "Lay the code out.",
    "types": "Check the types.",
    "lock": "Write requirements.lock anew.",
}

PLACES: Mapping[str, str] = {"screenshots": "developing.screenshots"}
"""The modules of commands that have not their own names."""


class LazyGroup(click.Group):
    """Loads a command on its call, and turns what can go wrong into one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the commands in the order of a first day's work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Load a command."""
        if cmd_name not in COMMANDS:
            return None
        place = PLACES.get(cmd_name, cmd_name)
        module = importlib.import_module(f"infra.local.commands.{place}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """List the commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

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


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def mayfly() -> None:
    """Mayfly: from a table of data to a monitored prediction API.

    \b
    First steps:
      ./mayfly demo       the whole way on real data, then everything is stopped
      ./mayfly up         start everything; Ctrl-C stops it
      ./mayfly COMMAND -h what a command does, with examples
    """


def main() -> None:
    """Run the command line."""
    mayfly(prog_name="./mayfly")
