"""A lookout that looks again by itself when the next step's time comes.

Without it, a step whose time comes while nobody calls waits for a schedule.
"""

import datetime as dt
import threading
from collections.abc import Callable
from typing import Protocol

import structlog

from functions.kit.contract.ports import Clock, StepStore
from functions.kit.service.hints import Hints
from functions.kit.service.lookout import EVERY, Lookout

log = structlog.get_logger()

HORIZON = dt.timedelta(minutes=1)
"""Of steps that are due later than that, a schedule hears: by then a process may have ended."""


class Timer(Protocol):
    """Calls something once, after a while: a `threading.Timer`."""

    daemon: bool

    def start(self) -> None:
        """Begin to wait."""

    def cancel(self) -> None:
        """Do not call any more."""


class WakefulLookout(Lookout):
    """A Lookout with one timer, which is set only where something is due soon.

    Args:
        store: the steps that are due.
        hints: has them looked at.
        clock: tells what is overdue.
        timer: makes a timer of seconds and what is called then.
    """

    def __init__(
        self,
        store: StepStore,
        hints: Hints,
        clock: Clock,
        timer: Callable[[float, Callable[[], None]], Timer] = threading.Timer,
    ) -> None:
        super().__init__(store, hints, clock)
        self._timer = timer
        self._set: tuple[dt.datetime, Timer] | None = None
        self._setting = threading.Lock()

    def look(self) -> bool:
        """See Lookout; a look that somebody has just had is had again when it is time to."""
        has_looked = super().look()
        now = self._clock.now()
        at = self._store.next_after(now) if has_looked else now + EVERY
        if at is not None and at <= now + HORIZON:
            self._wake(at, now)
        return has_looked

    def _wake(self, at: dt.datetime, now: dt.datetime) -> None:
        with self._setting:
            if self._set is not None:
                known, timer = self._set
                if now < known <= at:
                    return
                timer.cancel()
            made = self._timer(max(0.0, (at - now).total_seconds()), self._woken)
            made.daemon = True  # what it would find, the next process or the schedule finds
            self._set = at, made
        made.start()

    def _woken(self) -> None:
        with self._setting:
            self._set = None
        try:
            self.look()
        except Exception as error:  # noqa: BLE001 - nobody waits for it; who calls next looks again
            log.warning("lost steps not looked for", error=str(error))
