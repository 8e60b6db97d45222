"""Ledgers of quotas: the double in memory and Firestore keep the same promises, and real replicas.

What replicas make of them is held, seed by seed, by `tests/unit/functions/kit/test_share.py`.
"""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any
from uuid import uuid4

import firebase_admin
import msgspec
import pytest

from functions.kit.adapters.access import firestore_quotas
from functions.kit.adapters.access.firestore_quotas import FirestoreLedgers, find_plan
from functions.kit.adapters.access.memory_quotas import MemoryLedgers
from functions.kit.adapters.clock import SystemClock
from functions.kit.adapters.stores import firestore
from functions.kit.contract.access.plans import BUILT_IN
from functions.kit.contract.access.quotas import LEASE, QUOTAS, Ask, Ledger
from functions.kit.contract.errors import Away
from functions.kit.contract.ports import Ledgers
from tests.support.processes import ROOT, free_port, wait_until

HOUR = 3600


@pytest.fixture(params=["memory", "firestore"])
def ledgers(request: pytest.FixtureRequest) -> Ledgers:
    if request.param == "memory":
        return MemoryLedgers(SystemClock())
    request.getfixturevalue("emulators")
    return FirestoreLedgers()


@pytest.fixture
def account() -> str:
    return f"a-{uuid4().hex[:12]}"


def ask(holder: str, kept: int = 0, wanted: int = 0, *, window: int = 0, **more: Any) -> Ask:
    first: dict[str, Any] = {"limit": 10, "length": HOUR, "open": kept > 0, "least": wanted}
    return Ask(holder=holder, window=window, kept=kept, wanted=wanted, **(first | more))


def test_rows_are_given_out_once(ledgers: Ledgers, account: str) -> None:
    one = ledgers.lease(account, ask("one", wanted=6))
    assert (one.ceiling, one.free, one.others_end, one.settled) == (6, 4, 0, True)
    other = ledgers.lease(account, ask("other", wanted=5))
    assert (other.ceiling, other.free, other.settled) == (0, 4, False)
    assert 0 < other.others_end <= one.lease_ends <= LEASE
    assert ledgers.lease(account, ask("other", wanted=4)).ceiling == 4


def test_what_goes_back_is_free_and_an_ask_that_comes_twice_does_no_harm(
    ledgers: Ledgers, account: str
) -> None:
    window = ledgers.lease(account, ask("one", wanted=8)).window
    for _ in range(2):
        back = ledgers.lease(account, ask("one", kept=3, window=window, open=False))
        assert (back.ceiling, back.free, back.lease_ends) == (3, 7, 0)
    for _ in range(2):
        more = ledgers.lease(account, ask("one", kept=3, wanted=2, window=window))
        assert (more.ceiling, more.free) == (5, 5)
    assert ledgers.lease(account, ask("other", wanted=5)).settled is False


def test_a_lease_ends_with_its_window(ledgers: Ledgers, account: str) -> None:
    found = ledgers.lease(account, ask("one", wanted=1, length=1))
    assert found.lease_ends == pytest.approx(found.window_ends)
    assert found.window == int(time.time() + found.window_ends - 0.5)
    wait_until(lambda: time.time() >= found.window + 1, what="the next window")
    wanted = ask("one", kept=1, wanted=10, window=found.window, length=1)
    assert ledgers.lease(account, wanted).ceiling == 10


def test_rows_given_out_are_told(ledgers: Ledgers, account: str) -> None:
    assert ledgers.used(account) == 0
    window = 60 * (int(time.time()) // 60)
    answer = ledgers.lease(account, ask("one", wanted=7, length=60))
    if answer.window == window:
        assert ledgers.used(account) == 7


def test_many_at_once_never_get_more(ledgers: Ledgers, account: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        asks = [ask(f"r{number}", wanted=1) for number in range(16)]
        found = list(pool.map(lambda one: ledgers.lease(account, one), asks))
    assert Counter(answer.ceiling for answer in found) == {1: 10, 0: 6}


def test_plans_are_built_in_or_stored(emulators: dict[str, str]) -> None:
    assert find_plan("premium") == BUILT_IN["premium"]
    assert find_plan("none") is None


@pytest.fixture
def gone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Firestore, where nobody listens."""
    monkeypatch.setattr(os, "getpid", lambda: "gone")
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", f"127.0.0.1:{free_port()}")
    monkeypatch.setattr(firestore, "PATIENCE", firestore.Patience(0.1))
    away = firestore.client.__wrapped__()
    for module in (firestore, firestore_quotas):
        monkeypatch.setattr(module, "client", lambda: away)
    monkeypatch.setattr(firestore_quotas, "PATIENCE", firestore.PATIENCE)
    yield
    firebase_admin.delete_app(firebase_admin.get_app("mayfly-gone"))


@pytest.mark.parametrize(
    "call",
    [
        lambda: FirestoreLedgers().lease("a", ask("one", wanted=1)),
        lambda: FirestoreLedgers().used("a"),
        lambda: find_plan("premium"),
    ],
    ids=["lease", "used", "plan"],
)
def test_a_firestore_that_is_not_there_is_away(gone: None, call: Callable[[], Any]) -> None:
    with pytest.raises(Away):
        call()


class Replica:
    """A process of `tests.support.quota_replica`."""

    def __init__(self, account: str, limit: int, window: int) -> None:
        arguments = [account, str(limit), str(window), "17"]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.quota_replica", *arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.used: list[float] = []
        self._reader = ThreadPoolExecutor(1)
        self._reader.submit(self._read)

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.used.append(float(line))

    def kill(self) -> None:
        self._process.kill()
        self._end()

    def stop(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._end()

    def _end(self) -> None:
        self._process.wait(30)
        self._reader.shutdown()
        assert self._process.stdout is not None
        self._process.stdout.close()
        if self._process.stdin is not None:
            self._process.stdin.close()


LIMIT, WINDOW = 500, 2


def test_real_replicas_use_exactly_the_quota_and_after_a_kill_its_lease_fewer(
    emulators: dict[str, str], account: str
) -> None:
    # Given 50 callers of three replicas that all run,
    with ExitStack() as stack:
        replicas = [Replica(account, LIMIT, WINDOW) for _ in range(3)]
        for replica in replicas:
            stack.callback(replica.kill)
        wait_until(lambda: all(replica.used for replica in replicas), 30, "every replica")
        assert read_ledger(account).holders  # which makes our own client, beforehand
        # when two windows pass whole, and one replica is killed within the third
        first = next_window()
        killed_in = first + 2 * WINDOW
        wait_until(lambda: used_since(replicas[0], killed_in) > 20, 30, "the third window")
        replicas[0].kill()
        wait_until(lambda: time.time() > killed_in + WINDOW - 0.1, what="its end")
        ledger = read_ledger(account)
        for replica in replicas[1:]:
            replica.stop()
    # then the whole ones had exactly the quota,
    used = [in_windows(replica, first) for replica in replicas]
    total = sum(used, Counter())
    assert [total[number] for number in (0, 1)] == [LIMIT, LIMIT]
    # and the third what the ledger gave, but for what the dead one held.
    assert ledger.window == killed_in
    ceilings = Counter(holder.ceiling for holder in ledger.holders.values())
    alive = Counter(counted[2] for counted in used[1:] if counted[2])
    assert alive <= ceilings
    [dead] = (ceilings - alive).elements() if (ceilings - alive).total() else [0]
    assert total[2] == LIMIT - (dead - used[0][2])


def next_window() -> int:
    return (int(time.time()) // WINDOW + 1) * WINDOW


def used_since(replica: Replica, when: float) -> int:
    return sum(at >= when for at in replica.used)


def in_windows(replica: Replica, first: int) -> Counter[int]:
    """Return how much a replica used in each window, counted from `first`."""
    return Counter(int((at - first) // WINDOW) for at in replica.used)


def read_ledger(account: str) -> Ledger:
    found = firestore.client().collection(QUOTAS).document(account).get()
    return msgspec.convert(found.to_dict(), Ledger)
