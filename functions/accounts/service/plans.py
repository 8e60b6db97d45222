"""Plans, and how much of theirs accounts have used."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from functions.kit.contract.access.identity import UNLIMITED, Caller
from functions.kit.contract.access.over_quota import WINDOW
from functions.kit.contract.access.plans import BUILT_IN, Bounds, Plan
from functions.kit.contract.errors import Conflict, not_found
from functions.kit.contract.ports import Clock
from functions.kit.contract.requests.names import check_name
from functions.kit.contract.requests.pages import Page, PageQuery, page_of
from functions.kit.service.quotas import plan_for


class Usage(msgspec.Struct, kw_only=True):
    """How much of its plan an account has used.

    Attributes:
        plan: the plan's name.
        window: seconds of a window.
        used: rows in this one, over all replicas; in its last second, with those that replicas hold
            ready. None where nobody counts, for the plan has no such bound.
        limit: rows allowed in a window; None for no bound.
        resets_at: when the window ends.
    """

    plan: str
    window: int
    used: int | None
    limit: int | None
    resets_at: dt.datetime


class PlanStore(Protocol):
    """Keeps the plans that were made or changed; each call may raise Away."""

    def find(self, name: str, /) -> Plan | None:
        """Return a plan, stored or built in; None when there is none."""

    def page(self, after: str | None, most: int) -> Sequence[Plan]:
        """Return at most so many stored plans by name, those after `after`."""

    def put(self, plan: Plan) -> None:
        """Store a plan in the place of one of its name; raises NoRoom."""

    def delete(self, name: str, *, held: bool) -> bool:
        """Remove a stored plan; tell whether there was one.

        Args:
            name: the plan's.
            held: whether it stays while an account has it.

        Raises:
            Conflict: an account has it.
        """


class Plans:
    """Plans as operators see them.

    Args:
        store: where those are that are not just built in.
        used: account → rows that it used in this window.
        clock: tells when a window ends.
    """

    def __init__(self, store: PlanStore, used: Callable[[str], int], clock: Clock) -> None:
        self._store = store
        self._used = used
        self._clock = clock

    def list(self, query: PageQuery) -> Page[Plan]:
        """Return the plans by name."""
        after = query.after or ""
        found = {name: plan for name, plan in BUILT_IN.items() if name > after}
        stored = self._store.page(query.after, query.limit + 1)
        found |= {plan.name: plan for plan in stored}
        return page_of([found[name] for name in sorted(found)], query.limit, lambda one: one.name)

    def put(self, name: str, bounds: Bounds) -> Plan:
        """Store a plan; raises Invalid or Conflict."""
        check_name("plan", name)
        if name == UNLIMITED:
            raise Conflict(f"The plan '{name}' has no bounds, and stays so; make another plan.")
        plan = Plan(name=name, **msgspec.structs.asdict(bounds))
        self._store.put(plan)
        return plan

    def delete(self, name: str) -> None:
        """Remove a plan; a built-in one gets its own bounds back.

        Raises:
            NotFound: there is none of that name.
            Conflict: an account has it, or it is as it was built in.
        """
        check_name("plan", name)
        if self._store.delete(name, held=name not in BUILT_IN):
            return
        if name in BUILT_IN:
            raise Conflict(f"The plan '{name}' is built in, and as it was; it cannot be removed.")
        raise not_found("plan", name)

    def usage(self, caller: Caller) -> Usage:
        """Return how much of its plan `caller`'s account has used."""
        plan = BUILT_IN[UNLIMITED]
        if caller.plan != UNLIMITED:
            plan = plan_for(caller.plan, self._store.find)
        limit = plan.predictions_per_minute
        begun = int(self._clock.now().timestamp()) // WINDOW * WINDOW
        return Usage(
            plan=plan.name,
            window=WINDOW,
            used=None if limit is None else self._used(caller.account),
            limit=limit,
            resets_at=dt.datetime.fromtimestamp(begun + WINDOW, dt.UTC),
        )
