"""Steps in memory, for tests without Firestore."""

import datetime as dt
import threading
from collections.abc import Callable, Iterable, Sequence

from msgspec.structs import replace

from functions.kit.contract import steps
from functions.kit.contract.ports import Clock
from functions.kit.contract.stepped import Due, turned
from functions.kit.contract.steps import DueStep, Lease, Step, Superseded, may_look


class MemorySteps:
    """The StepStore of one function, of one process.

    Args:
        function: whose steps.
        clock: tells when a step became due.

    Attributes:
        lock: held by a store from the reads of a change to its commit.
    """

    def __init__(self, function: str, clock: Clock) -> None:
        self.lock = threading.RLock()
        self._function = function
        self._clock = clock
        self._kept: dict[str, DueStep] = {}
        self._looked_at: dt.datetime | None = None

    @property
    def waiting(self) -> list[Step]:
        """All that is due."""
        return [Step(self._function, path) for path in self._kept]

    def write(self, begun: Iterable[Step], look_at: dt.datetime | None = None) -> None:
        """Let steps become due; with `look_at`, they wait for that time."""
        now = self._clock.now()
        for step in begun:
            found = steps.due(step, now)
            self._kept[step.path] = replace(found, look_at=look_at or found.look_at)

    def drop(self, ended: Iterable[Step]) -> None:
        """Let steps end."""
        for step in ended:
            self._kept.pop(step.path, None)

    def turn(self, was: Sequence[Due], now: Sequence[Due]) -> None:
        """Let those end that are not due any more, and those begin that were not due before."""
        ended, begun = turned(was, now)
        self.drop(ended)
        for one in begun:
            self.write([one.step], one.at)

    def restore(self, due: Sequence[Due]) -> None:
        """Write those that are due and not kept."""
        kept = self.find([one.step for one in due])
        self.turn([], [one for one, found in zip(due, kept, strict=True) if not found])

    def check(self, lease: Lease) -> None:
        """Raise Superseded unless the step is under `lease`."""
        found = self._kept.get(lease.step.path)
        if found is None or found.holder != lease.holder:
            raise Superseded(lease.step.path)

    def find(self, steps: Sequence[Step]) -> list[DueStep | None]:
        """See StepStore."""
        with self.lock:
            return [self._kept.get(step.path) for step in steps]

    def change(self, step: Step, change: Callable[[DueStep], DueStep | None]) -> DueStep | None:
        """See StepStore."""
        with self.lock:
            before = self._kept.get(step.path)
            after = before and change(before)
            if after is not None:
                self._kept[step.path] = after
            return after

    def overdue(self, now: dt.datetime, most: int) -> list[Step]:
        """See StepStore."""
        with self.lock:
            found = [one for one in self._kept.values() if one.is_overdue(now)]
        found.sort(key=lambda one: one.look_at)
        return [Step(self._function, one.path) for one in found[:most]]

    def next_after(self, now: dt.datetime) -> dt.datetime | None:
        """See StepStore."""
        with self.lock:
            return min((x.look_at for x in self._kept.values() if x.look_at > now), default=None)

    def begin_look(self, now: dt.datetime, every: dt.timedelta) -> bool:
        """See StepStore."""
        with self.lock:
            if not may_look(self._looked_at, now, every):
                return False
            self._looked_at = now
            return True
