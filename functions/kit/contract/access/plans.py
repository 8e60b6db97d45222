"""Plans: what an account may ask for. Documents `plans/{name}`; some are there without one.

The bounds of predictions are an account's, over all of its keys, sessions and workspaces.
"""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from functions.kit.contract.access.accounts import FREEMIUM
from functions.kit.contract.access.identity import UNLIMITED
from functions.kit.contract.errors import Conflict

PLANS = "plans"
PREMIUM = "premium"
MEBIBYTE = 1024 * 1024

Bound = Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)]


class Bounds(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What a plan allows; None is no bound of the plan's own.

    Attributes:
        predictions_per_minute: rows predicted in each window of 60 s, over all replicas.
        concurrency: predictions that run at the same time, in each replica.
        rows: of one request.
        bytes: of one request's body.
    """

    predictions_per_minute: Bound | None = None
    concurrency: Bound | None = None
    rows: Bound | None = None
    bytes: Bound | None = None


class Plan(Bounds, kw_only=True):
    """Bounds that have a name."""

    name: str


BUILT_IN: Mapping[str, Plan] = {
    plan.name: plan
    for plan in (
        Plan(name=FREEMIUM, predictions_per_minute=5, concurrency=5, rows=1_000, bytes=MEBIBYTE),
        Plan(
            name=PREMIUM,
            predictions_per_minute=50,
            concurrency=50,
            rows=1_000,
            bytes=4 * MEBIBYTE,
        ),
        Plan(name=UNLIMITED),
    )
}
"""The plans of a system that stored none. `unlimited` stays as it is: it is never looked up."""


def plan_of(name: str, document: Mapping[str, Any] | None) -> Plan | None:
    """Return the plan of a name, as it is stored or built in; None when there is none."""
    return BUILT_IN.get(name) if document is None else msgspec.convert(document, Plan)


def plan_in_use(name: str) -> Conflict:
    """Say that a plan is an account's."""
    return Conflict(f"An account has the plan '{name}'; give it another one first.")
