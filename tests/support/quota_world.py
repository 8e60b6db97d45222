"""A world of replicas, callers and one ledger whose time passes at once, by a seed.

Every ask takes its time there and back, so callers, answers, deaths and the window's edge meet in
each order; what a replica decides is the product's (`functions/kit/service/share`).
"""

import heapq
import itertools
import random
from collections import Counter
from collections.abc import Callable, Iterator

from functions.kit.contract.access import quotas
from functions.kit.contract.access.quotas import Ask, Ledger
from functions.kit.contract.errors import Away
from functions.kit.service.share import Exhausted, Share

LENGTH = 4
"""Seconds of a window here: a lease is a second, and what matters lies around the edge."""
BEGINNING = 1_000 * LENGTH - 0.7
TICK = 0.05


class Replica:
    """One replica's share, its own clock, and its callers that wait."""

    def __init__(self, world: "World", name: str) -> None:
        self.world = world
        self.name = name
        self.is_dead = False
        self.share = Share(name, world.limit, LENGTH, self._send)
        self._began = world.random.uniform(0, 1e6)
        self._rate = world.random.uniform(0.9999, 1.0001)
        self.waiting: list[Callable[[], None]] = []
        world.after(TICK, self._tick)

    def clock(self) -> float:
        return self._began + self.world.now * self._rate

    def _tick(self) -> None:
        if not self.is_dead:
            self.share.tend(self.clock())
            self.world.after(TICK, self._tick)

    def _send(self, ask: Ask) -> None:
        there, back = self.world.latency(), self.world.latency()
        lost = self.world.random.random() < self.world.lossy

        def arrive() -> None:
            answer = self.world.lease(ask)
            self.world.after(back, lambda: self._hear(None if lost else answer))

        self.world.after(there, arrive)

    def _hear(self, answer: quotas.Answer | None) -> None:
        if self.is_dead:
            return
        if answer is None:
            self.share.fail(self.clock())
        else:
            self.share.settle(answer, self.clock())
        woken, self.waiting = self.waiting, []
        for wake in woken:
            wake()


class World:
    """What there is, and what came of it.

    Args:
        seed: decides everything that happens by chance.
        limit: the quota.
        rows: the most rows of a call.
        deaths: how many replicas die.
        lossy: how many answers get lost, of 1.
        failing: how many predictions fail, of 1.
        step_back: seconds by which the ledger's clock is set back in the middle.

    Attributes:
        used: rows that were predicted, by window.
        too_early: calls that were refused although there were so many rows left.
        least_refused: the fewest rows that were refused, by window.
    """

    def __init__(
        self,
        seed: int,
        limit: int,
        *,
        rows: int = 1,
        deaths: int = 0,
        lossy: float = 0.0,
        failing: float = 0.0,
        step_back: float = 0.0,
    ) -> None:
        self.random = random.Random(seed)
        self.limit = limit
        self.lossy = lossy
        self.now = 0.0
        self.asked = 0
        self.used: Counter[int] = Counter()
        self.least_refused: dict[int, int] = {}
        self.too_early = 0
        self._rows = rows
        self._failing = failing
        self._steps_back = step_back
        self._back = 0.0
        self._ledger = Ledger()
        self._ceilings: dict[tuple[int, str], int] = {}
        self._dead: list[Share] = []
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._number = itertools.count()
        self._names = itertools.count()
        self.replicas = [self._new_replica() for _ in range(3)]
        for _ in range(50):
            self.after(self.random.expovariate(1), self._call)
        for _ in range(deaths):
            self.after(self.random.uniform(0.1, 6), self._kill)
        if step_back:
            self.after(self.random.uniform(1, 4), self._set_back)

    def run(self, seconds: float) -> None:
        """Let time pass."""
        while self._events and self._events[0][0] <= seconds:
            self.now, _, act = heapq.heappop(self._events)
            act()

    def after(self, seconds: float, act: Callable[[], None]) -> None:
        """Have something happen."""
        heapq.heappush(self._events, (self.now + seconds, next(self._number), act))

    def latency(self) -> float:
        """Return how long a message takes: some are slow."""
        return self.random.choice((0.001, 0.003, 0.01, 0.12))

    def lease(self, ask: Ask) -> quotas.Answer:
        """Answer as Firestore would."""
        self.asked += 1
        self._ledger, answer = quotas.lease(self._ledger, ask, self.ledger_time())
        self._ceilings[answer.window, ask.holder] = answer.ceiling
        return answer

    def lost(self, window: int) -> int:
        """Return the rows that dead replicas were given and did not use."""
        used = {share.name: share.used for share in self._dead if share.window == window}
        return sum(
            self._ceilings.get((window, share.name), 0) - used.get(share.name, 0)
            for share in self._dead
        )

    def ledger_time(self) -> float:
        """Return Unix seconds."""
        return BEGINNING + self.now - self._back

    def _new_replica(self) -> Replica:
        return Replica(self, f"r{next(self._names)}")

    def _set_back(self) -> None:
        self._back = self._steps_back

    def _kill(self) -> None:
        dead = self.random.choice(self.replicas)
        dead.is_dead = True
        self._dead.append(dead.share)
        self.replicas[self.replicas.index(dead)] = self._new_replica()

    def _call(self) -> None:
        replica = self.random.choice(self.replicas)
        rows = self.random.randint(1, self._rows)
        self._go_on(replica, rows, replica.share.taking(rows, replica.clock))

    def _go_on(self, replica: Replica, rows: int, taking: Iterator[float]) -> None:
        if replica.is_dead:
            self._call_again()
            return
        try:
            seconds = next(taking)
        except StopIteration:
            self._predict(replica, rows)
        except Exhausted:
            self._refused(replica, rows)
        except Away:
            self._call_again()
        else:
            self._wait(replica, seconds, lambda: self._go_on(replica, rows, taking))

    def _wait(self, replica: Replica, seconds: float, go_on: Callable[[], None]) -> None:
        woken: list[bool] = []

        def wake() -> None:
            if not woken:
                woken.append(True)
                go_on()

        replica.waiting.append(wake)
        self.after(seconds, wake)

    def _predict(self, replica: Replica, rows: int) -> None:
        window = replica.share.window
        if not self._steps_back:
            assert window <= self.ledger_time() < window + LENGTH, "used in another window"
        self.used[window] += rows
        assert self.used[window] <= self.limit, "more than the quota"
        failed = self.random.random() < self._failing
        self.after(self.random.uniform(0, 0.2), lambda: self._end(replica, window, rows, failed))

    def _end(self, replica: Replica, window: int, rows: int, failed: bool) -> None:
        if failed and not replica.is_dead:
            self.used[window] -= rows
        if not replica.is_dead and failed:
            replica.share.failed(window, rows)
        else:
            replica.share.running -= 1
        self._call_again()

    def _refused(self, replica: Replica, rows: int) -> None:
        window = replica.share.window
        self.least_refused[window] = min(rows, self.least_refused.get(window, rows))
        self.too_early += self.used[window] + rows <= self.limit
        self._call_again()

    def _call_again(self) -> None:
        self.after(self.random.expovariate(4), self._call)
