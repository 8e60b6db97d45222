"""Which functions have a warm parent: those whose starts take long, within a bound of memory.

Made after a start that took long, one at a time and while nothing starts; the one that was not
needed for the longest time leaves when there is no room.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable

import msgspec
import structlog

from emulators.gateway.model.revision import Revision
from emulators.gateway.runtimes.forking import messages
from emulators.gateway.runtimes.forking.instance import ProcessInstance
from emulators.gateway.service.runtime import SECRETS_VARIABLE, StartError
from emulators.gateway.tasks import Tasks

log = structlog.get_logger()

ANNOTATION = "dev.mayfly.warm-parent"
"""With the value ``off``, a function has none."""

_QUIET_SECONDS = 0.5  # without a start, before one is made
_MEGABYTE = 1024 * 1024

Make = Callable[[Revision, messages.Start], Awaitable[ProcessInstance]]
Label = tuple[str, str]  # of a function: namespace and name


class Warm(msgspec.Struct):
    """A warm parent, and when it was last needed (``time.monotonic()``)."""

    revision: Revision
    kind: messages.Start
    instance: ProcessInstance
    needed_at: float


class Slow(msgspec.Struct):
    """A revision with starts that take long, and what is known of a warm parent for it.

    Attributes:
        starts: How many there were without one.
        reason: Why it has none; empty where nothing is against one.
        lasting: Whether that reason goes on holding for the revision.
    """

    revision: Revision
    kind: messages.Start
    learned: messages.Learned
    starts: int = 0
    reason: str = ""
    lasting: bool = False


class Warming:
    """Has warm parents made, and says which start may have one.

    Args:
        most: Bytes that all of them may take together; with 0, there are none.
        make: Starts one, and returns when it has imported all; raises StartError.
    """

    def __init__(self, most: int, make: Make) -> None:
        self._most = most
        self._make = make
        self._warm: dict[Label, Warm] = {}
        self._slow: dict[Label, Slow] = {}
        self._wanted: dict[Label, None] = {}  # in order
        self._under_way = 0
        self._last_start = 0.0
        self._full = False
        self._working = False
        self._tasks = Tasks()

    def begin(self, revision: Revision, start: messages.Start) -> str:
        """Note that a start is under way; return the id of its warm parent, empty for none."""
        self._under_way += 1
        warm = self._warm.get(_label(revision))
        if warm is None or warm.kind != kind_of(start):
            return ""
        warm.needed_at = time.monotonic()
        return warm.instance.id

    def end(self) -> None:
        """Note that a start is over."""
        self._under_way -= 1
        self._last_start = time.monotonic()

    def learn(self, revision: Revision, start: messages.Start, learned: messages.Learned) -> None:
        """Take what a start without a warm parent told; with nothing told, it was quick."""
        label, kind = _label(revision), kind_of(start)
        slow, warm = self._slow.get(label), self._warm.get(label)
        if warm is not None and warm.kind != kind:  # of a revision or environment that was before
            self.drop(revision)
        if slow is None or slow.kind != kind:
            self._slow.pop(label, None)
            if not learned.modules:
                return
            slow = self._slow[label] = Slow(revision, kind, learned)
        slow.starts += 1
        if learned.modules and not slow.lasting:
            self._want(label, slow)

    def drop(self, revision: Revision, reason: str = "") -> None:
        """End a function's warm parent, if it has one; with a reason, it gets no other."""
        label = _label(revision)
        slow, warm = self._slow.get(label), self._warm.pop(label, None)
        if slow is not None and reason:
            slow.reason, slow.lasting = reason, True
        if warm is not None:
            self._tasks.spawn(warm.instance.kill())

    def misled(self, revision: Revision, reason: str) -> None:
        """End a warm parent whose replica did not start where one without it did; make no other."""
        self.drop(revision, f"a replica forked from it did not start: {_last_line(reason)}")

    def keep(self, digests: set[str]) -> None:
        """End those of code that no revision names any more, and forget what was known of it."""
        for label in [at for at, one in self._slow.items() if _gone(one.revision, digests)]:
            del self._slow[label]
            self._wanted.pop(label, None)
        for warm in [one for one in self._warm.values() if _gone(one.revision, digests)]:
            self.drop(warm.revision)

    def words(self, revision: Revision) -> str:
        """Say whether a revision has a warm parent, or why not; empty where it needs none."""
        label = _label(revision)
        warm, slow = self._warm.get(label), self._slow.get(label)
        if warm is not None and warm.revision.name == revision.name:
            return f"yes, {warm.instance.memory // _MEGABYTE} MB"
        if slow is None or slow.revision.name != revision.name:
            return ""
        return slow.reason or "after its next start"

    async def settle(self) -> None:
        """Return when those that are wanted are made, and those that are dropped gone."""
        await self._tasks.settle()

    async def close(self) -> None:
        """Make none any more; those that are there end as replicas do, with their parent."""
        self._warm.clear()
        self._tasks.cancel()
        await self.settle()

    def _want(self, label: Label, slow: Slow) -> None:
        reason = _against(slow, self._most)
        if reason:
            slow.reason, slow.lasting = reason, True
            log.info("no warm parent", function=".".join(reversed(label)), reason=reason)
        elif slow.starts > 1 or not self._full:  # else traffic is to show that it is worth it
            self._wanted[label] = None
            if not self._working:
                self._working = True
                self._tasks.spawn(self._work())

    async def _work(self) -> None:
        try:
            while self._wanted:
                quiet = self._last_start + _QUIET_SECONDS - time.monotonic()
                if self._under_way or quiet > 0:
                    await asyncio.sleep(max(quiet, _QUIET_SECONDS / 5))
                    continue
                label = next(iter(self._wanted))
                del self._wanted[label]
                if label not in self._warm:
                    await self._add(label, self._slow[label])
        finally:
            self._working = False

    async def _add(self, label: Label, slow: Slow) -> None:
        function = ".".join(reversed(label))
        start = msgspec.structs.replace(slow.kind, imports=slow.learned)
        try:
            instance = await self._make(slow.revision, start)
        except StartError as error:
            slow.reason, slow.lasting = _last_line(str(error)), True
            log.info("no warm parent", function=function, reason=slow.reason)
            return
        if self._slow.get(label) is not slow:  # replaced meanwhile
            await instance.kill()
            return
        room = self._room_for(instance.memory, may_evict=slow.starts > 1)
        slow.reason = room
        if room:
            slow.lasting = instance.memory > self._most
            log.info("no warm parent", function=function, reason=room)
            await instance.kill()
            return
        self._warm[label] = Warm(slow.revision, slow.kind, instance, time.monotonic())
        instance.exited.add_done_callback(lambda _: self._lost(label, instance))
        megabytes = round(instance.memory / _MEGABYTE, 1)
        log.info("warm parent is up", function=function, mb=megabytes, parts=instance.timings)

    def _room_for(self, memory: int, *, may_evict: bool) -> str:
        """Make room, if others may be ended for it; return why there is none, or nothing."""
        taken = sum(one.instance.memory for one in self._warm.values())
        setting = f"GATEWAY_WARM_PARENTS_MB={self._most // _MEGABYTE}"
        if memory > self._most:
            return f"it would take {memory // _MEGABYTE} MB, more than {setting}"
        self._full = taken + memory > self._most
        if self._full and not may_evict:
            return f"no room within {setting}: when it next starts from zero"
        for one in sorted(self._warm.values(), key=lambda one: one.needed_at):
            if taken + memory > self._most:
                taken -= one.instance.memory
                self.drop(one.revision)
        return ""

    def _lost(self, label: Label, instance: ProcessInstance) -> None:
        warm = self._warm.get(label)
        if warm is not None and warm.instance is instance:
            del self._warm[label]
            log.warning("a warm parent ended", function=".".join(reversed(label)), id=instance.id)


def kind_of(start: messages.Start) -> messages.Start:
    """Return what two starts have in common that may come from the same warm parent."""
    return msgspec.structs.replace(start, id="", socket="", sent_at=0.0, parent="")


def _label(revision: Revision) -> Label:
    return revision.namespace, revision.function


def _gone(revision: Revision, digests: set[str]) -> bool:
    return revision.fingerprint not in digests


def _against(slow: Slow, most: int) -> str:
    """Return what is against a warm parent before one is made; empty for nothing."""
    if not sys.platform.startswith("linux"):
        return "there are none but on Linux"
    if not most:
        return "GATEWAY_WARM_PARENTS_MB=0"
    if slow.revision.annotations.get(ANNOTATION) == "off":
        return f"{ANNOTATION}: off"
    if slow.kind.view.placed or slow.kind.view.secrets or SECRETS_VARIABLE in slow.kind.env:
        return "its replicas have secrets or volumes, each its own copy"
    return ""


def _last_line(reason: str) -> str:
    last = (reason.strip().splitlines() or ["it could not be made"])[-1]
    return last.removeprefix("no warm parent for this function: ")
