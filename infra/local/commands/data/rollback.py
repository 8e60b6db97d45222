"""`./mayfly rollback`."""

import click

from infra.local.calling.names import path_of
from infra.local.commands.data.serving import FUNCTION, alias_option, of_model
from infra.local.commands.signed import Caller, signed


@click.command()
@click.argument("model")
@alias_option
@click.option("--reason", help="Why, for the model's history.")
@signed
def command(*, caller: Caller, model: str, alias: str, reason: str | None) -> None:
    """Let the version answer that answered before; again, it goes back further.

    \b
    Examples:
      ./mayfly rollback titanic
      ./mayfly rollback titanic --alias challenger
    """
    with of_model(caller, model):
        path = path_of("model", model, "aliases", alias, "rollback")
        params = {"reason": reason} if reason else {}
        made = caller.client.call("POST", FUNCTION, path, params=params)
    caller.tell(made, f"{alias} of {model} is version {made['aliases'][alias]} again")
