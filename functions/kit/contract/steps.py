"""Steps: work that is due, who has it, and when somebody is to look whether it was done.

A part writes a step in the transaction that makes it due and drops it in the one that records its
end; between the two its document changes by the pure functions here alone. A queue is told of it,
and may lose, double, delay and reorder that: whoever looks takes the step with a lease, or finds
that there is nothing to do.
"""

import datetime as dt

import msgspec
from msgspec.structs import replace

LEASE = dt.timedelta(seconds=15)
"""For how long a step belongs to who took it, unless renewed: a dead one's step waits as long."""
GRACE = dt.timedelta(seconds=10)
"""How long a queue may take before a step that waits counts as forgotten."""
LONGEST_GRACE = dt.timedelta(minutes=5)
"""The most that GRACE grows to, with each time that a step was queued in vain."""
FAILED_GRACE = dt.timedelta(seconds=2)
"""As GRACE, for a step that failed; it grows as far as LONGEST_FAILED_GRACE."""
LONGEST_FAILED_GRACE = dt.timedelta(minutes=1)
MOST_DEATHS = 5
"""Processes that may die over a step, one after the other, without getting it any further."""

_MOST_DOUBLINGS = 10  # beyond the longest grace; bounds the arithmetic


EVENT_TYPE = "dev.mayfly.step.due"
"""Of a hint that travels as a CloudEvent; its attribute `function` says for whom it is."""


class Superseded(Exception):  # noqa: N818 - reads as what it says
    """Somebody else has the step by now, or it is done: what we did of it is not kept."""


class Step(msgspec.Struct, frozen=True):
    """One piece of due work, named by where its function takes it.

    Attributes:
        function: the function that carries it out.
        path: of its route, `/jobs/ID/steps/finish`.
    """

    function: str
    path: str

    @property
    def id(self) -> str:
        """The name of its document: the path, in which no name has a colon."""
        return self.path.strip("/").replace("/", ":")


class Hint(msgspec.Struct, frozen=True):
    """The data of an event that says "look": the step's path, and the token that opens it."""

    path: str
    token: str


class Lease(msgspec.Struct, frozen=True):
    """A step and who took it: every effect of the step is kept only while that is so.

    `is_inherited`: see DueStep.
    """

    step: Step
    holder: str
    is_inherited: bool = False


class DueStep(msgspec.Struct, frozen=True):
    """What is kept of a step while it is due.

    Attributes:
        path: see Step.
        look_at: when it has waited, or been worked at in silence, for so long that the queue, or
            whoever took it, must have lost it.
        holder: who has it; empty when nobody does.
        until: when the holder's lease ends.
        asked: how often it was queued again since somebody last took it.
        failures: how often in a row it ended with an error.
        is_inherited: the holder has it from one who neither ended it nor gave it back: a dead one.
        deaths: how many died over it in a row with nothing got further; `died_at` says where.
    """

    path: str
    look_at: dt.datetime
    holder: str = ""
    until: dt.datetime | None = None
    asked: int = 0
    failures: int = 0
    is_inherited: bool = False
    deaths: int = 0
    died_at: str = ""

    def is_held(self, now: dt.datetime) -> bool:
        """Tell whether somebody has a lease that lasts."""
        return self.until is not None and now < self.until

    def is_overdue(self, now: dt.datetime) -> bool:
        """Tell whether it is to be queued again."""
        return self.look_at <= now


def due(step: Step, now: dt.datetime) -> DueStep:
    """Return a step that has just become due."""
    return DueStep(step.path, now + GRACE)


def take(
    found: DueStep, holder: str, now: dt.datetime, lease: dt.timedelta = LEASE
) -> DueStep | None:
    """Give a step to `holder`; None while somebody else has it."""
    # It may be ours already: a write whose answer was lost is made again.
    is_ours = found.holder == holder
    if found.is_held(now) and not is_ours:
        return None
    taken = replace(found, holder=holder, until=now + lease, look_at=now + lease, asked=0)
    return taken if is_ours else replace(taken, is_inherited=found.holder != "")


def renew(
    found: DueStep, holder: str, now: dt.datetime, lease: dt.timedelta = LEASE
) -> DueStep | None:
    """Lengthen the lease; None when it is somebody else's by now."""
    if found.holder != holder:
        return None
    return replace(found, until=now + lease, look_at=max(found.look_at, now + lease))


def give_back(found: DueStep, holder: str, now: dt.datetime) -> DueStep | None:
    """End the lease of a step of which something is left; None when it is somebody else's."""
    if found.holder != holder:
        return None
    return replace(found, holder="", until=None, look_at=now + GRACE, failures=0)


def fail(found: DueStep, holder: str, now: dt.datetime) -> DueStep | None:
    """End the lease of a step that met an error; None when it is somebody else's.

    It may be taken again at once; who looks waits the longer the more often it failed.
    """
    if found.holder != holder:
        return None
    wait = _doubled(FAILED_GRACE, found.failures, LONGEST_FAILED_GRACE)
    failures = found.failures + 1
    return replace(found, holder="", until=None, look_at=now + wait, failures=failures)


def count_death(found: DueStep, holder: str, mark: str, now: dt.datetime) -> DueStep | None:
    """Count the one whose step was inherited; None when it is somebody else's by now.

    After MOST_DEATHS, should this one die too, it is looked for ever more rarely.

    Args:
        found: as it is kept.
        holder: who inherited it.
        mark: how far it has come: those who died before it came there count no more.
        now: the time.
    """
    if found.holder != holder:
        return None
    deaths = found.deaths + 1 if mark == found.died_at else 1
    wait = _doubled(LEASE, max(0, deaths - MOST_DEATHS), LONGEST_GRACE)
    return replace(found, deaths=deaths, died_at=mark, look_at=max(found.look_at, now + wait))


def ask(found: DueStep, now: dt.datetime) -> DueStep | None:
    """Note that a step is queued again; None when it is not overdue (any more)."""
    if not found.is_overdue(now):
        return None
    wait = _doubled(GRACE, found.asked, LONGEST_GRACE)
    return replace(found, look_at=now + wait, asked=found.asked + 1)


def not_asked(found: DueStep, now: dt.datetime) -> DueStep | None:
    """Take back an `ask` whose hint no queue took; None where somebody has the step by now.

    What was not told is told again after GRACE, not after ever longer: who waits for ever longer
    waits for a queue that has it.
    """
    if found.asked == 0 or found.is_held(now):
        return None
    return replace(found, look_at=now + GRACE, asked=found.asked - 1)


def resume(found: DueStep, now: dt.datetime) -> DueStep | None:
    """As `ask`, at a user's wish: whether it is overdue or not; None while somebody has it."""
    if found.is_held(now):
        return None
    return replace(found, look_at=now + GRACE, asked=0, failures=0)


def may_look(looked_at: dt.datetime | None, now: dt.datetime, every: dt.timedelta) -> bool:
    """Tell whether the last look for overdue steps is long enough ago.

    One that lies ahead is of a clock that was wrong: it keeps nobody from looking.
    """
    return looked_at is None or not now - every < looked_at <= now + every


def _doubled(first: dt.timedelta, times: int, most: dt.timedelta) -> dt.timedelta:
    factor: int = 2 ** min(times, _MOST_DOUBLINGS)
    return min(first * factor, most)
