"""Finds steps that the queue, or a process that died, has lost, and has them looked at again.

By a schedule, over all of a function's steps; and by whoever reads what a step works at.
"""

import datetime as dt
from collections.abc import Callable, Sequence

import structlog

from functions.kit.contract import steps
from functions.kit.contract.errors import Transient
from functions.kit.contract.ports import Clock, StepStore
from functions.kit.contract.steps import DueStep, Step
from functions.kit.service.hints import Hints

log = structlog.get_logger()

EVERY = dt.timedelta(seconds=5)
"""The least time between two looks of all replicas together: anybody may ask for one."""
MOST = 50
"""Steps that one look has queued again; the next one goes on."""
WATCH_SECONDS = 2.0
"""The least time between two looks of one replica at the same thing, however often it is read."""
MOST_WATCHED = 1000

Change = Callable[[DueStep, dt.datetime], DueStep | None]


class Lookout:
    """Looks for overdue steps.

    Args:
        store: the steps that are due.
        hints: has them looked at.
        clock: tells what is overdue.
    """

    def __init__(self, store: StepStore, hints: Hints, clock: Clock) -> None:
        self._store = store
        self._hints = hints
        self._clock = clock
        self._looked = -EVERY.total_seconds()
        self._watched: dict[str, float] = {}

    def look(self) -> bool:
        """Queue overdue steps again; return False, having done nothing, when one just did so."""
        began = self._clock.monotonic()
        if began - self._looked < EVERY.total_seconds():
            return False
        self._looked = began
        if not self._store.begin_look(self._clock.now(), EVERY):
            return False
        self._ask(self._store.overdue(self._clock.now(), MOST))
        return True

    def watch(self, subject: str, due: Sequence[Step]) -> bool:
        """As `look`, for the steps of what is being read.

        Args:
            subject: what they work at, which is looked after now and then, not at each reading.
            due: the steps that follow from what was read.

        Returns:
            Whether one of them is not kept: it ended meanwhile, or was never written.
        """
        if not due or not self.is_time(subject):
            return False
        found = self._store.find(due)
        now = self._clock.now()
        pairs = zip(due, found, strict=True)
        self._ask([step for step, kept in pairs if kept is not None and kept.is_overdue(now)])
        return None in found

    def resume(self, due: Sequence[Step]) -> None:
        """Queue steps at once, but those that somebody has."""
        self._hints.send(self._changed(due, steps.resume))

    def _ask(self, overdue: Sequence[Step]) -> None:
        self._hints.send(self._changed(overdue, steps.ask), self._not_asked)

    def _not_asked(self, step: Step) -> None:
        try:
            self._changed([step], steps.not_asked)
        except Transient as error:
            log.warning("left to wait as if asked for", step=step.path, error=str(error))

    def _changed(self, due: Sequence[Step], change: Change) -> list[Step]:
        """Return the steps that were changed: of several who look, one does, and alone hints."""
        return [
            step
            for step in due
            if self._store.change(step, lambda found: change(found, self._clock.now()))
        ]

    def is_time(self, subject: str) -> bool:
        """Tell whether this replica has not looked at a thing for WATCH_SECONDS; if so, it does."""
        now = self._clock.monotonic()
        if now - self._watched.get(subject, -WATCH_SECONDS) < WATCH_SECONDS:
            return False
        if len(self._watched) >= MOST_WATCHED:
            self._watched.clear()
        self._watched[subject] = now
        return True
