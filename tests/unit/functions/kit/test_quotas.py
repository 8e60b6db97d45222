"""Quotas in one process: threads, a real clock, and the ledgers' double in memory."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from functions.kit.adapters.access.memory_quotas import MemoryLedgers
from functions.kit.adapters.clock import SystemClock
from functions.kit.adapters.manual_clock import ManualClock
from functions.kit.contract.access.identity import Caller
from functions.kit.contract.access.over_quota import OverQuota
from functions.kit.contract.access.plans import Plan, plan_of
from functions.kit.contract.access.quotas import Answer, Ask
from functions.kit.contract.errors import Away, Invalid, TooLarge, too_large
from functions.kit.contract.ports import Clock
from functions.kit.service.quotas import Quotas
from functions.kit.service.share import IDLE
from tests.support.processes import wait_until

HOUR = 3600
"""Seconds of a window that no test here sees the end of."""


_made: list[tuple["House", Quotas]] = []


@pytest.fixture(autouse=True)
def at_rest() -> Iterator[None]:
    """Leave no replica that goes on asking: it would log into another test."""
    yield
    while _made:
        house, replica = _made.pop()
        house.ledgers.is_away = False
        settled(house, replica, 0)


class House:
    """A replica, or several, of one plan."""

    def __init__(self, **bounds: int) -> None:
        self.plans = {"small": Plan(name="small", **bounds)}
        self.ledgers: MemoryLedgers = MemoryLedgers(SystemClock())
        self.looked_up: list[str] = []

    def replica(self, window: int = HOUR) -> Quotas:
        made = Quotas(self.find, self.ledgers, window=window)
        _made.append((self, made))
        return made

    def find(self, name: str) -> Plan | None:
        self.looked_up.append(name)
        return self.plans.get(name) or plan_of(name, None)


def caller(plan: str = "small", account: str = "ann") -> Caller:
    return Caller(name=account, kind="key", workspace="main", account=account, plan=plan)


def predict(quotas: Quotas, rows: int = 1, who: Caller | None = None) -> int:
    """Have rows predicted; return how many are left."""
    found, standing = quotas.of(who or caller()).counted(rows, lambda: "found")
    assert found == "found"
    assert standing is not None
    return standing.remaining


def settled(house: House, replica: Quotas, asked: int) -> None:
    """Wait until a replica has given back what it holds."""
    wait_until(
        lambda: house.ledgers.asked >= asked and not replica.is_holding(), what="the way back"
    )


def test_fifty_callers_of_three_replicas_get_exactly_the_quota() -> None:
    house = House(predictions_per_minute=30)
    replicas = [house.replica() for _ in range(3)]
    begin = threading.Barrier(50)

    def call(number: int) -> str:
        begin.wait()
        try:
            predict(replicas[number % 3])
        except OverQuota:
            return "refused"
        return "predicted"

    with ThreadPoolExecutor(50) as pool:
        found = Counter(pool.map(call, range(50)))
    assert found == {"predicted": 30, "refused": 20}


def test_what_one_replica_holds_ready_another_waits_for() -> None:
    house = House(predictions_per_minute=9)
    one, other = house.replica(), house.replica()
    assert predict(one) == 8  # and it has two more ready
    assert predict(other, 8) == 0


def test_nobody_is_asked_for_who_has_no_bounds() -> None:
    house = House(predictions_per_minute=1)
    replica = house.replica()
    for who in (caller("unlimited"), Caller(name="training", kind="step", workspace="main")):
        assert replica.of(who).counted(1_000, lambda: 1) == (1, None)
    assert (house.looked_up, house.ledgers.asked) == ([], 0)


def test_once_the_quota_is_gone_nobody_is_asked() -> None:
    house = House(predictions_per_minute=2)
    replica = house.replica()
    predict(replica, 2)
    refuse(replica)
    settled(house, replica, 2)
    asked = house.ledgers.asked
    for _ in range(100):
        refuse(replica)
    assert house.ledgers.asked == asked


def refuse(quotas: Quotas, rows: int = 1) -> OverQuota:
    with pytest.raises(OverQuota) as caught:
        predict(quotas, rows)
    return caught.value


def test_a_busy_account_asks_seldom() -> None:
    house = House(predictions_per_minute=1_000_000)
    replica = house.replica()
    for _ in range(10_000):
        predict(replica)
    assert house.ledgers.asked < 40


def test_what_fails_is_given_back() -> None:
    replica = House(predictions_per_minute=3).replica()
    for _ in range(5):
        with pytest.raises(ZeroDivisionError):
            replica.of(caller()).counted(3, lambda: 1 // 0)
    assert predict(replica, 3) == 0
    refused = refuse(replica)
    assert refused.policies == ["permin"]
    assert (refused.standing.limit, refused.standing.remaining) == (3, 0)


def test_the_next_window_begins_anew() -> None:
    replica = House(predictions_per_minute=2).replica(window=1)
    wait_until(lambda: time.time() % 1 < 0.5, what="a window's beginning")
    predict(replica, 2)
    refused = refuse(replica)
    assert refused.retry_after == 1
    wait_until(lambda: is_allowed(replica, 2), what="the next window")


def test_accounts_have_a_quota_each() -> None:
    replica = House(predictions_per_minute=1).replica()
    assert predict(replica) == predict(replica, who=caller(account="bob")) == 0
    refuse(replica)


class TestTheEnd:
    def test_a_replica_that_ends_gives_back_at_once_what_it_holds(self) -> None:
        house = House(predictions_per_minute=9)
        one, other = house.replica(), house.replica()
        predict(one)  # and it has two more ready
        one.close()
        began = time.monotonic()
        assert predict(other, 8) == 0
        assert time.monotonic() - began < IDLE

    def test_it_waits_for_what_is_on_its_way(self) -> None:
        house = House(predictions_per_minute=9)
        ledgers = house.ledgers = Hanging(SystemClock())
        one = house.replica()
        with ThreadPoolExecutor(2) as pool:
            called = pool.submit(predict, one)
            wait_until(one.is_holding, what="what is on its way")
            closed = pool.submit(one.close)
            ledgers.goes_on.set()
            assert called.result() == 8
            closed.result()
        assert predict(house.replica(), 8) == 0

    def test_it_asks_nobody_where_it_holds_nothing(self) -> None:
        house = House(predictions_per_minute=1)
        house.replica().close()
        assert house.ledgers.asked == 0

    def test_it_comes_in_time_where_nobody_answers(self) -> None:
        house = House(predictions_per_minute=9)
        ledgers = house.ledgers = Hanging(SystemClock())
        ledgers.goes_on.set()
        replica = house.replica()
        predict(replica)
        ledgers.goes_on.clear()
        began = time.monotonic()
        replica.close(within=0.1)
        assert time.monotonic() - began < 1
        ledgers.goes_on.set()


class TestWhileTheLedgersAreAway:
    def test_what_was_leased_counts_and_then_nobody_can_say(self) -> None:
        house = House(predictions_per_minute=100)
        replica = house.replica()
        predict(replica)
        house.ledgers.is_away = True
        predict(replica)  # was held ready
        with pytest.raises(Away, match="cannot be known now"):
            predict(replica, 50)

    def test_refusals_come_at_once_and_cost_nothing(self) -> None:
        house = House(predictions_per_minute=100)
        house.ledgers.is_away = True
        replica = house.replica()
        began = time.monotonic()
        for _ in range(1_000):
            with pytest.raises(Away) as caught:
                predict(replica)
            assert caught.value.retry_after == 1
        assert time.monotonic() - began < 1

    def test_it_goes_on_where_it_was(self) -> None:
        house = House(predictions_per_minute=3)
        replica = house.replica()
        predict(replica, 2)
        house.ledgers.is_away = True
        wait_until(lambda: is_away(replica), what="the refusal")
        house.ledgers.is_away = False
        wait_until(lambda: not is_away(replica), what="the next prediction")
        refuse(replica)


def is_allowed(quotas: Quotas, rows: int) -> bool:
    try:
        predict(quotas, rows)
    except OverQuota:
        return False
    return True


def is_away(quotas: Quotas) -> bool:
    try:
        predict(quotas)
    except Away:
        return True
    except OverQuota:
        return False
    return False


class Hanging(MemoryLedgers):
    """Ledgers that do not answer before they are let."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.goes_on = threading.Event()

    def lease(self, account: str, ask: Ask) -> Answer:
        self.goes_on.wait(20)
        return super().lease(account, ask)


def test_a_ledger_that_hangs_holds_callers_for_a_bounded_time() -> None:
    house, ledgers = House(predictions_per_minute=3), Hanging(SystemClock())
    replica = Quotas(house.find, ledgers, window=HOUR)
    for most in (2.5, 0.5):  # whoever comes later is told at once
        began = time.monotonic()
        with pytest.raises(Away):
            predict(replica)
        assert time.monotonic() - began < most
    ledgers.goes_on.set()
    wait_until(lambda: not is_away(replica), what="the answer")


class TestBounds:
    def test_predictions_at_the_same_time(self) -> None:
        replica = House(concurrency=1, predictions_per_minute=3).replica()

        def meanwhile() -> OverQuota:
            return refuse(replica)

        refused, _ = replica.of(caller()).counted(1, meanwhile)
        assert (refused.policies, refused.retry_after) == (["concurrency"], 1)
        assert "allows 1 predictions at the same time" in refused.detail
        assert predict(replica, 2) == 0  # it counted nothing

    def test_rows_of_a_request(self) -> None:
        replica = House(rows=2).replica()
        assert replica.of(caller()).counted(2, lambda: 1) == (1, None)
        with pytest.raises(Invalid, match="3 rows: the plan 'small' allows 2 a request"):
            replica.of(caller()).counted(3, lambda: 1)

    def test_bytes_of_a_request(self) -> None:
        allowed = House(bytes=10).replica().of(caller())

        def read(most: int) -> int:
            if most < 11:
                raise too_large(most)
            return most

        with pytest.raises(TooLarge, match=r"limit of 10 bytes. The plan 'small' allows no more"):
            allowed.read(read, 100)
        assert House(bytes=10_000).replica().of(caller()).read(read, 100) == 100


class TestPlans:
    def test_a_change_holds_for_accounts_that_are_known(self) -> None:
        clock = ManualClock()
        house = House(predictions_per_minute=2)
        replica = Quotas(house.find, house.ledgers, clock.monotonic, HOUR)
        predict(replica, 2)
        house.plans["small"] = Plan(name="small", predictions_per_minute=5)
        clock.advance(11)
        assert predict(replica, 3) == 0
        house.plans["small"] = Plan(name="small")
        clock.advance(11)
        assert replica.of(caller()).counted(100, lambda: 1) == (1, None)

    def test_a_plan_that_is_not_there_is_freemium(self) -> None:
        assert predict(House().replica(), who=caller("gone")) == 4
