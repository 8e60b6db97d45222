"""`./mayfly promote`."""

import click

from infra.local.calling.names import path_of
from infra.local.commands.data.serving import CHAMPION, FUNCTION, alias_option, back_lines, of_model
from infra.local.commands.signed import Caller, Json, signed


@click.command()
@click.argument("model")
@click.argument("version", type=click.IntRange(min=1))
@alias_option
@click.option("--if-better", is_flag=True, help="Only if it is seen to be better on the same rows.")
@click.option("--margin", type=click.FloatRange(min=0), help="By how much, for --if-better.")
@click.option("--measure", help="By what, for --if-better; default: what decided in training.")
@click.option("--reason", help="Why, for the model's history.")
@signed
def command(
    *,
    caller: Caller,
    model: str,
    version: int,
    alias: str,
    if_better: bool,
    margin: float | None,
    measure: str | None,
    reason: str | None,
) -> None:
    """Let a version of a model answer its callers; it is warm before the first one comes.

    \b
    Examples:
      ./mayfly promote titanic 2
      ./mayfly promote titanic 2 --reason "more right on the same rows"
      ./mayfly promote titanic 2 --if-better --margin 0.01
      ./mayfly promote titanic 3 --alias challenger
    """
    if not if_better and (margin is not None or measure is not None):
        raise click.UsageError("--margin and --measure go with --if-better.")
    body: Json = {"version": version} | ({"reason": reason} if reason else {})
    if if_better:
        given = {"than": CHAMPION, "margin": margin, "measure": measure}
        body["if_better"] = {key: value for key, value in given.items() if value is not None}
    with of_model(caller, model):
        path = path_of("model", model, "aliases", alias)
        made = caller.client.call("PUT", FUNCTION, path, json=body)
    said = f"{alias} of {model} is version {made['aliases'][alias]}"
    caller.tell(made, said, *back_lines(made, alias))
