"""Where plans are kept: the double in memory and Firestore keep the same promises."""

from collections.abc import Callable
from typing import NamedTuple
from uuid import uuid4

import pytest

from functions.accounts.adapters.firestore.plans import FirestorePlans
from functions.accounts.adapters.memory.plans import MemoryPlans
from functions.accounts.service.plans import Plans, PlanStore
from functions.kit.adapters.manual_clock import START, ManualClock
from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.plans import BUILT_IN, Bounds, Plan
from functions.kit.contract.errors import Conflict, NotFound
from functions.kit.contract.requests.pages import PageQuery
from tests.support.callers.members import on_plan


class Kept(NamedTuple):
    """A store of plans, and what gives an account one of them."""

    store: PlanStore
    give: Callable[[str], object]


@pytest.fixture(params=["memory", "firestore"])
def kept(request: pytest.FixtureRequest) -> Kept:
    if request.param == "memory":
        memory = MemoryPlans()
        return Kept(memory, memory.held.add)
    request.getfixturevalue("emulators")
    return Kept(FirestorePlans(), on_plan)


@pytest.fixture
def name() -> str:
    return f"p-{uuid4().hex[:8]}"


def test_a_plan_is_kept_and_removed(kept: Kept, name: str) -> None:
    assert kept.store.find(name) is None
    for plan in (Plan(name=name, rows=3), Plan(name=name, predictions_per_minute=7)):
        kept.store.put(plan)
        assert kept.store.find(name) == plan
    assert kept.store.delete(name, held=True)
    assert kept.store.find(name) is None
    assert not kept.store.delete(name, held=True)


def test_a_plan_that_an_account_has_stays_where_it_shall(kept: Kept, name: str) -> None:
    kept.store.put(Plan(name=name))
    kept.give(name)
    with pytest.raises(Conflict, match="An account has the plan"):
        kept.store.delete(name, held=True)
    assert kept.store.find(name) == Plan(name=name)
    assert kept.store.delete(name, held=False)


def test_stored_plans_are_given_in_pages(kept: Kept, name: str) -> None:
    names = [f"{name}-{number}" for number in range(3)]
    for one in reversed(names):
        kept.store.put(Plan(name=one))
    assert [plan.name for plan in kept.store.page(name, 2)] == names[:2]
    assert kept.store.page(names[1], 1)[0].name == names[2]
    for one in names:
        kept.store.delete(one, held=True)


def test_built_in_plans_are_found(kept: Kept) -> None:
    assert kept.store.find("freemium") == BUILT_IN["freemium"]


def test_pages_hold_built_in_and_stored_plans_by_name() -> None:
    plans = Plans(MemoryPlans(), lambda _: 0, ManualClock())
    for name in ("a", "gold", "premium", "z"):
        plans.put(name, Bounds(rows=1))
    found: list[Plan] = []
    cursor = None
    while len(found) < 10:
        page = plans.list(PageQuery(limit=2, cursor=cursor))
        found += page.items
        cursor = page.next
        if cursor is None:
            break
    assert [plan.name for plan in found] == [
        *("a", "freemium", "gold", "premium", "unlimited", "z")
    ]
    assert [plan.rows for plan in found] == [1, 1_000, 1, 1, None, 1]


def test_a_plan_that_cannot_be_removed_says_why() -> None:
    plans = Plans(MemoryPlans(), lambda _: 0, ManualClock())
    with pytest.raises(NotFound, match="no plan 'gold'"):
        plans.delete("gold")
    with pytest.raises(Conflict, match="built in"):
        plans.delete("premium")
    with pytest.raises(Conflict, match="has no bounds, and stays so"):
        plans.put("unlimited", Bounds(rows=1))


def test_usage_of_a_window() -> None:
    plans = Plans(MemoryPlans(), {"ann": 3}.__getitem__, ManualClock(START))
    ann = Caller(name="ann", kind="session", account="ann", plan="gone")
    usage = plans.usage(ann)
    assert (usage.plan, usage.used, usage.limit, usage.window) == ("freemium", 3, 5, 60)
    assert (usage.resets_at - START).total_seconds() == 60
