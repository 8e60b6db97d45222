"""Everything that a platform may do to steps, by chance from a seed.

Messages are dropped, doubled, delayed and reordered; at every point at which a process meets the
outside it may be killed, or held up for so long that others take its step.
"""

import itertools
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from functions.kit.adapters.manual_clock import ManualClock
from functions.kit.contract.steps import LEASE, Step

DROPPED, DOUBLED, KEPT = 0.3, 0.3, 0.2
MOST_ACTS = 5_000


class Killed(BaseException):
    """What kill -9 looks like from inside: nothing catches it."""


@contextmanager
def killing(owner: object, name: str, every: int = 1) -> Iterator[None]:
    """Have the process die in every call of a method, or in every so-manieth."""
    genuine, calls = getattr(owner, name), itertools.count(1)

    def call(*given: Any, **more: Any) -> Any:
        if next(calls) % every == 0:
            raise Killed
        return genuine(*given, **more)

    vars(owner)[name] = call
    try:
        yield
    finally:
        del vars(owner)[name]


class LossyQueue:
    """A Queue that keeps no promise."""

    def __init__(self, chance: random.Random) -> None:
        self.messages: list[Step] = []
        self._chance = chance

    def look(self, step: Step) -> None:
        """See Queue."""
        if self._chance.random() < DROPPED:
            return
        self.messages += [step] * (2 if self._chance.random() < DOUBLED else 1)

    def next(self) -> Step:
        """Return any message; it may be delivered again later."""
        step = self._chance.choice(self.messages)
        if self._chance.random() > KEPT:
            self.messages.remove(step)
        return step


class Peril:
    """What may happen at a point.

    Args:
        kills: how likely a process dies there.
        holds: how likely it is held up there, while others go on.
        kill_at: the point at which the first one dies for certain.
        hold_at: the one of `own_points` at which the first one is held up for certain.

    Attributes:
        points: how many have been passed.
        own_points: those of them of the thread that made this, which are the same each time.
        meanwhile: what others do while one is held up.
    """

    def __init__(
        self,
        chance: random.Random,
        kills: float = 0.0,
        holds: float = 0.0,
        kill_at: int = 0,
        hold_at: int = 0,
    ) -> None:
        self.points = self.own_points = 0
        self.meanwhile: Callable[[], None] = lambda: None
        self._chance = chance
        self._kills = kills
        self._holds = holds
        self._kill_at = kill_at
        self._hold_at = hold_at
        self._thread = threading.get_ident()
        self._is_held = False
        self._lock = threading.Lock()

    def __call__(self, inner: Any) -> Any:
        """Return `inner` with a point before and after each call of it."""
        return _Perilous(inner, self._point)

    def end(self) -> None:
        """Let nothing happen any more."""
        self._kills, self._holds, self._kill_at, self._hold_at = 0.0, 0.0, 0, 0

    def _point(self) -> None:
        with self._lock:  # a process has threads: each point is one thread's alone
            self.points += 1
            drawn = self._chance.random()
            if self.points == self._kill_at or drawn < self._kills:
                raise Killed
            is_held = not self._is_held and (self._is_now() or drawn < self._kills + self._holds)
            self._is_held = self._is_held or is_held
        if is_held:
            try:
                self.meanwhile()
            finally:
                self._is_held = False

    def _is_now(self) -> bool:
        if threading.get_ident() != self._thread:
            return False
        self.own_points += 1
        return self.own_points == self._hold_at


class _Perilous:
    def __init__(self, inner: Any, point: Callable[[], None]) -> None:
        self._inner = inner
        self._point = point

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not callable(found):
            return found

        def call(*arguments: Any, **options: Any) -> Any:
            self._point()
            result = found(*arguments, **options)
            self._point()
            return result

        return call


class Life:
    """What goes on around a function: messages, schedules, readers, and time.

    Args:
        chance: chooses what happens next.
        queue: what carries the messages.
        clock: stands unless something happens.
        deliver: has one step looked at.
        others: what else may happen: a schedule, a reader, a user's Resume.
    """

    def __init__(
        self,
        chance: random.Random,
        queue: LossyQueue,
        clock: ManualClock,
        deliver: Callable[[Step], None],
        *others: Callable[[], object],
    ) -> None:
        self._chance = chance
        self._queue = queue
        self._clock = clock
        self._deliver = deliver
        self._others = others

    def until(self, is_over: Callable[[], bool]) -> None:
        """Let things happen until it is over; fails when that takes too long."""
        for _ in range(MOST_ACTS):
            if is_over():
                return
            self.act()
        raise AssertionError(f"it is not over after {MOST_ACTS} acts")

    def while_one_is_held_up(self) -> None:
        """Let its lease run out, and others go on."""
        self._clock.advance(LEASE.total_seconds())
        for _ in range(self._chance.randrange(1, 4)):
            self.act()

    def act(self) -> None:
        """Let one thing happen; whoever does it may be killed."""
        try:
            self._act()
        except Killed:
            return

    def _act(self) -> None:
        drawn = self._chance.random()
        if self._queue.messages and drawn < 0.6:
            self._deliver(self._queue.next())
        elif drawn < 0.8:
            self._clock.advance(self._chance.uniform(0, 2 * LEASE.total_seconds()))
        else:
            self._chance.choice(self._others)()

    def drain(self) -> None:
        """Deliver all messages that are left."""
        while self._queue.messages:
            self._deliver(self._queue.messages.pop())
