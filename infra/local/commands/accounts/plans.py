"""`./mayfly plans`."""

from typing import Any
from urllib.parse import quote

import click

from infra.local.commands.signed import Caller, ListingGroup, signed

BOUNDS = {
    "predictions_per_minute": "Rows predicted in each minute, over all replicas.",
    "concurrency": "Predictions at the same time.",
    "rows": "Rows of one request.",
    "bytes": "Bytes of one request.",
}
COLUMNS = {"name": "name"} | {name.replace("_", " "): name for name in BOUNDS}
NONE = "none"


class Bound(click.ParamType[Any]):
    """A whole number, or "none"."""

    name = f"INTEGER|{NONE}"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | str:
        """Return the number, or NONE."""
        if value == NONE:
            return NONE
        return click.IntRange(min=0).convert(value, param, ctx)


@click.group(cls=ListingGroup)
def command() -> None:
    """List plans, say what they allow, and remove them.

    \b
    Examples:
      ./mayfly plans
      ./mayfly plans set freemium --predictions-per-minute 10
      ./mayfly plans set team --rows none --concurrency 4
      ./mayfly plans remove team
    """


@command.command("list")
@signed
def list_plans(*, caller: Caller) -> None:
    """List the plans; an empty bound is none."""
    caller.show(caller.all("/plans"), COLUMNS, "There is no plan.")


def _bounds(command: Any) -> Any:
    for name, text in reversed(BOUNDS.items()):
        option = f"--{name.replace('_', '-')}"
        command = click.option(option, name, type=Bound(), help=f"{text} 'none' for no bound.")(
            command
        )
    return command


@command.command("set")
@click.argument("plan")
@_bounds
@signed
def set_plan(*, caller: Caller, plan: str, **given: int | str | None) -> None:
    """Make a plan, or change its bounds; what is not given stays."""
    if all(value is None for value in given.values()):
        raise click.UsageError("Say at least one bound, such as --rows 1000 or --rows none.")
    known = next((one for one in caller.all("/plans") if one["name"] == plan), {})
    said = {name: value for name, value in given.items() if value is not None}
    body = {name: known.get(name) for name in BOUNDS}
    body |= {name: None if value == NONE else value for name, value in said.items()}
    made = caller.call("PUT", f"/plans/{quote(plan, safe='')}", body)
    lines = [f"{name}: {NONE if made.get(name) is None else made[name]}" for name in BOUNDS]
    caller.tell(made, f"plan {plan}", *lines)


@command.command()
@click.argument("plan")
@signed
def remove(*, caller: Caller, plan: str) -> None:
    """Remove a plan that no account has; freemium and premium get their first bounds back."""
    caller.call("DELETE", f"/plans/{quote(plan, safe='')}")
    caller.tell({"removed": plan}, f"plan {plan} is removed")
