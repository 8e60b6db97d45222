"""Sums what came into windows: a step of each version, under a lease.

A minute is summed of all files that have predictions of it, so nothing counts twice and nothing is
left out, in whatever order batches come, come again, or whoever dies. Longer windows are made of
minutes.
"""

import datetime as dt
from collections.abc import Callable
from typing import NamedTuple

from msgspec.structs import replace

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.ports import Clock
from functions.kit.contract.stepped import SteppedStore
from functions.kit.contract.steps import Lease
from functions.kit.contract.telemetry.hourly import microseconds
from functions.kit.service.lookout import Lookout
from functions.kit.service.step_runner import StepRunner
from functions.monitoring.model.windows import monitor
from functions.monitoring.model.windows.monitor import MICROSECOND, Monitor
from functions.monitoring.model.windows.sums import Sum
from functions.monitoring.model.windows.window import LENGTHS, MINUTE, Monitored, enclosing
from functions.monitoring.service.ports import Models
from functions.monitoring.service.windows.longer import Longer, Meanwhile, keep
from functions.monitoring.service.windows.measuring import Measuring
from functions.monitoring.service.windows.old import MINUTES_KEPT, Old
from functions.monitoring.service.windows.ports import (
    CallCounts,
    References,
    SumFiles,
    Tallies,
    Windows,
)
from functions.monitoring.service.windows.subject import Subject

HOUR = LENGTHS["hour"]
MOST = 180
"""Minutes that are summed at a go."""
REST = dt.timedelta(seconds=5)
"""Between two sums of the same version's longer windows, at least."""
LONGEST_REST = dt.timedelta(minutes=1)
LEASE = dt.timedelta(seconds=3)
"""Of the step: sums are right whoever makes them, so that of a dead process need not wait long."""
SHARE = 20
"""Times as long as those of an hour took is rested, up to that: a next sum is of one, as a rule."""
QUIET = 24
"""Hours without any prediction, after which none is waited for."""
ONE_MINUTE = dt.timedelta(minutes=1)


class Tools(NamedTuple):
    """What the step works with.

    Attributes:
        store: the monitors.
        runner: takes steps, and holds their leases.
        lookout: looks for more after each: a schedule alone would be too slow.
        models: those that are registered.
        references: of versions.
        tallies: sums the log.
        counts: what came beside predictions.
        windows: keeps windows.
        sums: keeps what was summed.
        measuring: makes windows.
        clock: tells the time.
        keep: how long predictions are kept.
    """

    store: SteppedStore[Monitor]
    runner: StepRunner
    lookout: Lookout
    models: Models
    references: References
    tallies: Tallies
    counts: CallCounts
    windows: Windows
    sums: SumFiles
    measuring: Measuring
    clock: Clock
    keep: dt.timedelta


class Summing:
    """Carries the step out.

    Args:
        tools: what it works with.
    """

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._store = tools.store
        self._windows = tools.windows
        self._clock = tools.clock
        self._longer = Longer(tools.windows, tools.sums, tools.measuring)
        self._old = Old(tools.windows, tools.sums, tools.keep)

    def run(self, of: Monitored) -> None:
        """Sum what is to be summed of a version; do nothing where that is nothing.

        Raises:
            Away, NoRoom: the step stays due.
        """
        self._tools.runner.run(monitor.sum_step(of), lambda lease: self._sum(of, lease))
        self._tools.lookout.look()

    def _sum(self, of: Monitored, lease: Lease) -> bool:
        found = self._store.load(monitor.place_of(of))
        life = self._tools.models.life(of.model)
        if life is None:
            return self._forget(found, lease)
        if found.uid not in {"", life.uid}:  # another model had the name
            self._clear(of, lease, life.uid)
        now = microseconds(self._clock.now())
        subject = Subject(of, life, self._tools.references.of(of), now // MINUTE, lease)
        if monitor.waits(found, now) or (not _is_told(found) and _rests(found, now)):
            return False  # a hint of what was summed along with an earlier one
        rests = _rests(found, now)
        found = self._take(found.place, lease, now, labelled=not rests)
        done = dict(found.taken)
        self._sum_minutes(subject, {int(one) for one in done})
        if rests:
            return self._end(found, lambda it: monitor.summed(it, life.uid, now), lease)
        late = found.late | done

        def meanwhile() -> None:
            """Sum minutes that were told of since: they do not wait for longer windows."""
            now = microseconds(self._clock.now())
            if monitor.can_be_taken(self._store.load(found.place), now):
                taken = self._take_more(found.place, lease, now).taken
                fresh = [key for key, mark in taken.items() if done.get(key) != mark]
                self._sum_minutes(subject, {int(one) for one in fresh})
                done.update(taken)

        began = self._clock.monotonic()
        minutes = {int(one) for one in late}
        closes = self._sum_longer(subject, found, minutes, meanwhile)
        hours = {one // HOUR for one in minutes} | {int(one) for one in found.correcting}
        until = now + rest(self._clock.monotonic() - began, len(hours)) // MICROSECOND
        sweeps = subject.now + LENGTHS["day"]

        def settled(it: Monitor) -> Monitor:
            it = monitor.summed(it, life.uid, microseconds(self._clock.now()))
            return monitor.settled(it, late, until, closes, sweeps)

        return self._end(found, settled, lease)

    def _take(self, place: Place, lease: Lease, now: int, *, labelled: bool) -> Monitor:
        """Take what there is to do, with what somebody took who did not end it."""

        def take(it: Monitor) -> Monitor:
            taken = monitor.take(monitor.inherited(it), MOST, now)
            return monitor.take_labelled(taken) if labelled else taken

        return self._store.update(place, take, lease)

    def _take_more(self, place: Place, lease: Lease, now: int) -> Monitor:
        return self._store.update(place, lambda it: monitor.take(it, MOST, now), lease)

    def _end(self, found: Monitor, change: Callable[[Monitor], Monitor], lease: Lease) -> bool:
        """Note what is done; tell whether there is more that waits for nothing."""
        after = self._store.update(found.place, change, lease)
        return bool(after.told) and not after.sum_at

    def _sum_minutes(self, subject: Subject, minutes: set[int]) -> None:
        """Sum minutes; with those of hours whose minutes are kept no longer, the whole hour's."""
        for one in list(minutes):
            first, end = enclosing("hour", one)
            if end <= subject.now - MINUTES_KEPT:
                minutes |= {*range(first, end)}
        found = self._tools.tallies.minutes(subject.of, minutes, subject.life, subject.known)
        counted = self._tools.counts.minutes(subject.of, subject.life.uid, minutes)
        for minute, counts in counted.items():  # sums may be remembered: they stay as they are
            found[minute] = replace(found.get(minute, Sum()), counts=counts)
        made = [
            self._tools.measuring.window(subject, "minute", (one, one + 1), total)
            for one, total in sorted(found.items())
        ]
        keep(subject, made, self._windows, self._tools.sums)

    def _sum_longer(
        self, subject: Subject, found: Monitor, minutes: set[int], meanwhile: Meanwhile
    ) -> int:
        """Sum longer windows; return the minute from which on to look whether one is over."""
        labelled = {int(hour) * HOUR for hour in found.correcting}
        over = _over(found, subject.now)
        self._longer.by_time(subject, minutes | labelled, over, meanwhile)
        since = subject.now - MINUTES_KEPT
        recent, hours = ({one for one in some if one >= since} for some in (minutes, labelled))
        meanwhile()
        self._longer.by_count(subject, recent, hours)
        if over or 0 < found.sweeps <= subject.now:
            self._old.sweep(subject)
            self._tools.counts.drop(subject.of, subject.now - self._tools.keep // ONE_MINUTE)
        return self._next_close(subject)

    def _next_close(self, subject: Subject) -> int:
        hours = self._windows.last(subject.of, "hour", QUIET, measures=())
        if not any(one.rows for one in hours if one.end_minute > subject.now - QUIET * HOUR):
            return 0
        return enclosing("hour", subject.now)[1] + 1

    def _forget(self, found: Monitor, lease: Lease) -> bool:
        """Keep no windows of a model that is no more."""
        self._clear(found.of, lease, "")
        self._store.remove(found.place, lease)
        return False

    def _clear(self, of: Monitored, lease: Lease, uid: str) -> None:
        for name in self._windows.clear(of, lease):
            self._tools.sums.delete(name)
        self._tools.counts.drop_others(of, uid)


def rest(seconds: float, hours: int) -> dt.timedelta:
    """Return how long longer windows are left as they are, once those of some hours were summed.

    What came late, of many hours at once, does not have the next ones wait for as long as it took.
    """
    of_one = dt.timedelta(seconds=seconds) / max(1, hours)
    return min(LONGEST_REST, max(REST, SHARE * of_one))


def _is_told(found: Monitor) -> bool:
    return bool(found.told or found.taken)


def _rests(found: Monitor, now: int) -> bool:
    """Tell whether longer windows are left as they are: never long, whatever a clock had said."""
    return now < found.rests_until <= now + LONGEST_REST // MICROSECOND


def _over(found: Monitor, now: int) -> set[int]:
    """Return the hours that were not over when they were summed, and are now."""
    if not found.closes or now < found.closes:
        return set()
    first = found.closes - 1 - HOUR
    until = enclosing("hour", now)[0]
    return {*range(max(first, until - QUIET * HOUR), until, HOUR)}
