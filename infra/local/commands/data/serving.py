"""What commands tell of which versions serve."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from infra.local.calling.function_client import RefusedError
from infra.local.calling.names import named
from infra.local.commands.signed import Caller, Json
from infra.local.errors import LocalError
from infra.local.nearest import advice

FUNCTION = "models"
CHAMPION = "champion"
alias_option = click.option(
    "--alias", default=CHAMPION, show_default=True, help="The name that callers call it by."
)


def champion_of(model: Json, alias: str = CHAMPION) -> int:
    """Return the version that an alias names, such as the one that answers; raises LocalError."""
    if alias not in model["aliases"]:
        known = advice(alias, model["aliases"])
        raise LocalError(f"{model['name']} has no alias {alias!r}.", known)
    return int(model["aliases"][alias])


def back_lines(model: Json, alias: str) -> list[str]:
    """Return how an alias gets back what it named before, where it named something."""
    before = (model.get("previous") or {}).get(alias)
    chosen = "" if alias == CHAMPION else f" --alias {alias}"
    return (
        [f"to have version {before[-1]} back: ./mayfly rollback {model['name']}{chosen}"]
        if before
        else []
    )


@contextmanager
def of_model(caller: Caller, model: str) -> Iterator[None]:
    """Say in the block what may have been meant, and where the versions of a model are listed.

    Raises:
        LocalError: there is no such model, version or alias.
    """
    with named(caller.client, "model", model):
        try:
            yield
        except RefusedError as error:
            if error.status != 404 or "no model" in error.message:
                raise
            raise LocalError(error.message, f"See ./mayfly models {model}") from error
