"""Says which windows are to be summed again: of what predictions, or labels, have come.

What is marked already is not marked again, nor asked for: a look at the document, which costs a
read. It is safe after the predictions are on disk, and only then: see `model/windows/monitor`.
"""

import datetime as dt
import threading
from collections.abc import Callable, Collection, Mapping, Sequence

from cachetools import LRUCache

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import NotFound
from functions.kit.contract.ports import Clock
from functions.kit.contract.stepped import SteppedStore
from functions.kit.contract.telemetry.hourly import microseconds
from functions.kit.contract.telemetry.predictions import Counts
from functions.kit.service.hints import Hints
from functions.kit.service.lookout import Lookout
from functions.monitoring.model.logged import Logged
from functions.monitoring.model.windows import monitor
from functions.monitoring.model.windows.monitor import Monitor
from functions.monitoring.model.windows.window import MINUTE, Monitored

AHEAD = dt.timedelta(hours=1)
"""How far the clock may be ahead by which ids are given."""
MOST_VERSIONS = 100
"""Of a model, whose windows late labels correct."""
MOST_ASKED = 10_000
"""Versions of which a replica remembers for what it has asked."""


class Marking:
    """Marks windows.

    Args:
        store: the monitors.
        hints: has them looked at.
        lookout: looks for those whose turn has not come.
        clock: tells when a version was first told of.
        keep: how long predictions are kept: what is older is not summed any more.
    """

    def __init__(
        self,
        store: SteppedStore[Monitor],
        hints: Hints,
        lookout: Lookout,
        clock: Clock,
        keep: dt.timedelta,
    ) -> None:
        self._store = store
        self._hints = hints
        self._lookout = lookout
        self._clock = clock
        self._keep = keep
        self._asked: LRUCache[Monitored, tuple[int, float]] = LRUCache(MOST_ASKED)
        self._asking = threading.Lock()

    def counts(self, of: Monitored, counted: Mapping[int, Counts]) -> None:
        """Have minutes summed of which counts are kept; raises Away, NoRoom.

        Of a version that nobody has called yet, and that is only loaded, there are no windows.
        """
        since = (self._clock.now() - self._keep).timestamp() // 60
        fresh = {minute: one for minute, one in counted.items() if minute >= since}
        calls = any(one.errors or one.refused or one.quota_hits for one in fresh.values())
        if fresh and (calls or self._store.find(monitor.place_of(of)) is not None):
            self._tell(of, fresh)

    def predictions(self, found: Mapping[Monitored, Sequence[Logged]]) -> None:
        """Have the minutes of predictions summed that are on disk; raises Away, NoRoom."""
        since = (self._clock.now() - self._keep).timestamp() // 60
        for of, part in found.items():
            minutes = {one.at // MINUTE for one in part}
            fresh = [one for one in minutes if one >= since]
            if fresh:
                self._tell(of, fresh)

    def labels(self, model: Place, hours: Collection[int]) -> None:
        """Have the hours (since 1970) corrected whose predictions have labels by now."""
        now = self._clock.now()
        first, last = ((at.timestamp() // 3600) for at in (now - self._keep, now + AHEAD))
        kept = [one for one in hours if first <= one <= last]  # ids may tell of any time
        if not kept:
            return
        for one in self._store.page(model.workspace, [model.name], MOST_VERSIONS, None):
            if monitor.tell_labels(one, kept) is not one:
                self._store.update(one.place, lambda it: monitor.tell_labels(it, kept))
                self._hints.send([monitor.sum_step(one.of)])

    def _tell(self, of: Monitored, minutes: Collection[int]) -> None:
        now = microseconds(self._clock.now())

        def told(it: Monitor) -> Monitor:
            return monitor.tell(it, minutes, now)

        found = self._store.find(monitor.place_of(of))
        if found is None or told(found) is not found:
            found = self._mark(of, told)
        if monitor.waits(found, now):
            self._lookout.look()
        elif self._is_to_be_asked(of, max(found.told.values())):
            self._hints.send([monitor.sum_step(of)])

    def _mark(self, of: Monitored, told: Callable[[Monitor], Monitor]) -> Monitor:
        place = monitor.place_of(of)
        try:
            return self._store.update(place, told)
        except NotFound:
            model, now = of.model, self._clock.now()
            new = told(
                Monitor(
                    workspace=model.workspace, model=model.name, version=of.version, created_at=now
                )
            )
            return new if self._store.create(new) else self._store.update(place, told)

    def _is_to_be_asked(self, of: Monitored, mark: int) -> bool:
        """Tell whether this replica has not asked for a mark yet, or in vain as it seems."""
        now = self._clock.monotonic()
        with self._asking:
            asked, at = self._asked.get(of, (0, now))
            if asked == mark and now - at < monitor.PACE.total_seconds():
                return False
            self._asked[of] = mark, now
            return True
