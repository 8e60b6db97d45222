"""`./mayfly traffic`."""

import re
from typing import Any

import click

from infra.local.calling.function_client import RefusedError
from infra.local.calling.names import found, path_of
from infra.local.commands.data.serving import FUNCTION, alias_option, champion_of, of_model
from infra.local.commands.signed import Caller, Json, signed

COLUMNS = {
    "version": "version",
    "role": "role",
    "percent": "share",
    "calls": "calls",
    "errors": "errors",
    "median ms": "median",
    "95 % ms": "slow",
    "agrees": "agreement",
}


class Shares(click.ParamType[dict[str, int]]):
    """Percent by version: 1=90,2=10."""

    name = "VERSION=PERCENT,..."

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> dict[str, int]:
        """Return the shares."""
        if isinstance(value, dict):
            return value
        parts = [re.fullmatch(r"([1-9]\d*)=(\d+)", part.strip()) for part in value.split(",")]
        shares = {part[1]: int(part[2]) for part in parts if part}
        if None in parts or len(shares) != len(parts):
            self.fail(f"{value!r} is no split, such as 1=90,2=10.", param, ctx)
        if sum(shares.values()) != 100:
            self.fail(f"{value!r} makes {sum(shares.values())} %, not 100.", param, ctx)
        return shares


@click.command()
@click.argument("model")
@click.option("--split", type=Shares(), help="Percent of the calls that each version answers.")
@click.option(
    "--shadow",
    "shadows",
    type=click.IntRange(min=1),
    multiple=True,
    help="A version that answers the same calls unseen, to be compared; several.",
)
@click.option("--end", is_flag=True, help="All calls to the version that the alias names.")
@click.option("--reason", default="", help="Why, for the history.")
@alias_option
@signed
def command(
    *,
    caller: Caller,
    model: str,
    split: dict[str, int] | None,
    shadows: tuple[int, ...],
    end: bool,
    reason: str,
    alias: str,
) -> None:
    """Show how a model's calls are shared out and what came of it; or share them out anew.

    What is not given stays as it is. It ends by itself when a version is proved to err
    or to be slow, and with a promotion.

    \b
    Examples:
      ./mayfly traffic titanic
      ./mayfly traffic titanic --split 1=90,2=10 --reason "a tenth for a day"
      ./mayfly traffic titanic --shadow 3
      ./mayfly traffic titanic --end
    """
    if end and (split or shadows or reason):
        raise click.UsageError("--end goes without --split, --shadow and --reason.")
    whole = found(caller.client, "model", model)
    path = path_of("model", model, "aliases", alias, "traffic")
    with of_model(caller, model):
        if end:
            made = caller.client.call("DELETE", FUNCTION, path)
            caller.tell(made, f"all calls of {model} go to version {made['aliases'][alias]}")
            return
        if not (split or shadows):
            _show(caller, whole, alias, _traffic(caller, whole, alias, path))
            return
        body = _wanted(whole, alias, split, shadows) | {"reason": reason}
        _show(caller, whole, alias, caller.client.call("PUT", FUNCTION, path, json=body))


def _wanted(
    model: Json, alias: str, split: dict[str, int] | None, shadows: tuple[int, ...]
) -> Json:
    """Return how calls shall be shared out; what was not said stays as it is."""
    before = model["traffic"].get(alias) or {}
    shares = split or before.get("shares") or {str(champion_of(model, alias)): 100}
    followers = list(shadows) or before.get("shadows", [])
    return {"shares": shares, "shadows": [one for one in followers if str(one) not in shares]}


def _traffic(caller: Caller, model: Json, alias: str, path: str) -> Json | None:
    """Return an alias's traffic; None where all calls go to one version."""
    try:
        found_traffic: Json = caller.client.call("GET", FUNCTION, path)
    except RefusedError as error:
        if error.status == 404 and alias in model["aliases"]:
            return None
        raise
    return found_traffic


def _show(caller: Caller, model: Json, alias: str, traffic: Json | None) -> None:
    if traffic is None:
        version = champion_of(model, alias)
        whole = {"model": model["name"], "alias": alias, "version": version}
        shares = {"shares": {str(version): 100}, "shadows": []}
        caller.tell(whole | shares, f"all calls of {model['name']} go to version {version}")
        return
    if caller.as_json:
        caller.tell(traffic)
        return
    rows = [_readable(one) for one in traffic["measured"]]
    caller.show(rows, COLUMNS, "Nothing was called yet.")


def _readable(one: Json) -> Json:
    times = {key: f"{1000 * one[key]:.2f}" for key in ("median", "slow") if one[key] is not None}
    agrees = {} if one["agreement"] is None else {"agreement": f"{one['agreement']:.1%}"}
    return one | times | agrees
