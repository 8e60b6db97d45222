"""Turns of long work: how long one lasts, and whose it is where many want to work."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, Protocol, TypeVar

import structlog

from functions.datasets.model.due import FUNCTION
from functions.datasets.model.imports import turns
from functions.datasets.model.imports.turns import Caps, Entry
from functions.kit.contract.errors import Transient
from functions.kit.contract.ports import Clock
from functions.kit.contract.steps import Lease, Step
from functions.kit.service.hints import Hints
from functions.kit.service.lookout import Lookout
from functions.kit.service.step_runner import StepRunner

log = structlog.get_logger()

T = TypeVar("T")
LOOK = 1_000
"""Things after which somebody who passes many looks whether a turn is over."""

Listed = Callable[[list[Entry]], list[Entry]]


class TurnStore(Protocol):
    """Keeps the list of imports that work or wait."""

    def read(self) -> list[Entry]:
        """Return the list."""

    def change(self, change: Listed) -> tuple[list[Entry], list[Entry]]:
        """Make the list another one in a transaction; return it as it was, and as it is."""


class Turn:
    """One turn of work.

    Args:
        clock: tells how long it lasts.
        seconds: of the turn, well below the gateway's patience.
        goes_on: tells, after each `turns.TURN`, whether it may go on; always, by default.
    """

    def __init__(
        self, clock: Clock, seconds: float, goes_on: Callable[[], bool] = lambda: True
    ) -> None:
        self._clock = clock
        self._goes_on = goes_on
        self._end = clock.monotonic() + seconds
        self._asks = self._end - seconds + turns.TURN
        self._is_given_up = False

    def is_over(self) -> bool:
        """Tell whether it is time to let others work, or to be looked at anew."""
        now = self._clock.monotonic()
        if now > self._asks and not self._is_given_up:
            self._asks = now + turns.TURN
            self._is_given_up = not self._goes_on()
        return self._is_given_up or now > self._end

    def passing(self, things: Iterator[T]) -> Iterator[T]:
        """Yield things, and say now and then that somebody is at work: it cannot be parted."""
        for count, one in enumerate(things, start=1):
            yield one
            if not count % LOOK:
                self.is_over()


class Turns:
    """Gives imports their turns."""

    def __init__(self, store: TurnStore, caps: Caps, hints: Hints, clock: Clock) -> None:
        self._store = store
        self._caps = caps
        self._hints = hints
        self._clock = clock

    def place(self, step: Step) -> int | None:
        """Return the place of a step that waits for its turn, from 1 on; None of one that works."""
        return turns.waiting(self._store.read()).get(step.path)

    def ask(self, step: Step, workspace: str) -> None:
        """Have a step looked at soon, and those at work see that it waits."""
        one = Entry(workspace=workspace, step=step.path)
        try:
            self._changed(one, lambda found: turns.asked(found, one, *self._now()))
        except Transient as error:  # it is due all the same
            log.warning("turn not asked for", step=step.path, error=str(error))
        self._hints.send([step])

    def carry_out(
        self,
        runner: StepRunner,
        step: Step,
        workspace: str,
        work: Callable[[Lease, Callable[[], bool]], bool],
    ) -> None:
        """Carry a step out if it is its turn; else it is hinted at when it is.

        Args:
            runner: carries it out.
            step: of an import.
            workspace: in which that is.
            work: does it, while its second argument tells that it may go on; returns whether
                something is left.
        """
        one = Entry(workspace=workspace, step=step.path)
        if not self._changed(one, lambda found: turns.begun(found, one, *self._now())):
            log.info("waits for its turn", step=step.path)
            return
        taken: list[Lease] = []

        def run(lease: Lease) -> bool:
            taken.append(lease)
            is_left = work(lease, lambda: self._goes_on(one))
            if not is_left:
                self._leave(one)
            return is_left

        runner.run(step, run)
        if not taken and not runner.is_due(step):
            self._leave(one)

    def _goes_on(self, one: Entry) -> bool:
        try:
            return self._changed(one, lambda found: turns.gone_on(found, one, *self._now()))
        except Transient as error:  # it is asked again in a moment
            log.warning("turn not asked for", step=one.step, error=str(error))
            return True

    def _leave(self, one: Entry) -> None:
        try:
            self._changed(one, lambda found: turns.left(found, one.step, *self._now()))
        except Transient as error:  # its entry ends by itself
            log.warning("turn not given back", step=one.step, error=str(error))

    def _changed(self, one: Entry, change: Listed) -> bool:
        """Change the list, hint at those whose turn it is by that; tell whether it is `one`'s."""
        before, after = self._store.change(change)
        working = turns.at_work(after)
        begin = [step for step in _new(before, after) if step != one.step]
        self._hints.send(Step(FUNCTION, path) for path in begin)
        return one.step in working

    def _now(self) -> tuple[Caps, dt.datetime]:
        return self._caps, self._clock.now()


class Watch(NamedTuple):
    """What is known of steps of imports: which were lost, and which wait."""

    lookout: Lookout
    turns: Turns


def _new(before: Sequence[Entry], after: Sequence[Entry]) -> list[str]:
    """Return the steps that may work since a change, in their order."""
    worked = turns.at_work(before)
    return [one.step for one in after if one.until is not None and one.step not in worked]
