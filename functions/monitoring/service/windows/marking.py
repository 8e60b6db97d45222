"""Says which windows are to be summed again: of what predictions, or labels, have come."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import NotFound
from functions.kit.contract.ports import Clock
from functions.kit.contract.stepped import SteppedStore
from functions.kit.contract.telemetry.predictions import Counts
from functions.kit.service.hints import Hints
from functions.monitoring.model.logged import Logged
from functions.monitoring.model.windows import monitor
from functions.monitoring.model.windows.monitor import Monitor
from functions.monitoring.model.windows.window import MINUTE, Monitored

AHEAD = dt.timedelta(hours=1)
"""How far the clock may be ahead by which ids are given."""
MOST_VERSIONS = 100
"""Of a model, whose windows late labels correct."""


class Marking:
    """Marks windows.

    Args:
        store: the monitors.
        hints: has them looked at.
        clock: tells when a version was first told of.
        keep: how long predictions are kept: what is older is not summed any more.
    """

    def __init__(
        self, store: SteppedStore[Monitor], hints: Hints, clock: Clock, keep: dt.timedelta
    ) -> None:
        self._store = store
        self._hints = hints
        self._clock = clock
        self._keep = keep

    def counts(self, of: Monitored, counted: Mapping[int, Counts]) -> None:
        """Have minutes summed of which counts are kept; raises Away, NoRoom.

        Of a version that nobody has called yet, and that is only loaded, there are no windows.
        """
        since = (self._clock.now() - self._keep).timestamp() // 60
        fresh = {minute: one for minute, one in counted.items() if minute >= since}
        calls = any(one.errors or one.refused or one.quota_hits for one in fresh.values())
        if fresh and (calls or self._store.find(monitor.place_of(of)) is not None):
            self._tell(of, fresh)
            self._hints.send([monitor.sum_step(of)])

    def predictions(self, found: Mapping[Monitored, Sequence[Logged]]) -> None:
        """Have the minutes of predictions summed that are on disk; raises Away, NoRoom."""
        since = (self._clock.now() - self._keep).timestamp() // 60
        for of, part in found.items():
            minutes = {one.at // MINUTE for one in part}
            fresh = [one for one in minutes if one >= since]
            if fresh:
                self._tell(of, fresh)
                self._hints.send([monitor.sum_step(of)])

    def labels(self, model: Place, hours: Collection[int]) -> None:
        """Have the hours (since 1970) corrected whose predictions have labels by now."""
        now = self._clock.now()
        first, last = ((at.timestamp() // 3600) for at in (now - self._keep, now + AHEAD))
        kept = [one for one in hours if first <= one <= last]  # ids may tell of any time
        if not kept:
            return
        for one in self._store.page(model.workspace, [model.name], MOST_VERSIONS, None):
            self._store.update(one.place, lambda it: monitor.tell_labels(it, kept))
            self._hints.send([monitor.sum_step(one.of)])

    def _tell(self, of: Monitored, minutes: Collection[int]) -> None:
        def told(now: Monitor) -> Monitor:
            return monitor.tell(now, minutes)

        place = monitor.place_of(of)
        try:
            self._store.update(place, told)
        except NotFound:
            model, now = of.model, self._clock.now()
            new = Monitor(
                workspace=model.workspace, model=model.name, version=of.version, created_at=now
            )
            if not self._store.create(told(new)):
                self._store.update(place, told)
