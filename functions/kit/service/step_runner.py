"""Carries steps out, each under a lease: once with effect, however often it is asked for."""

import datetime as dt
import functools
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from msgspec.structs import replace

from functions.kit.contract import steps
from functions.kit.contract.ports import Clock, StepStore
from functions.kit.contract.steps import DueStep, Lease, Step, Superseded
from functions.kit.service.hints import Hints

log = structlog.get_logger()

# Seconds between two renewals of a lease of LEASE: it outlasts two that fail, as does any other.
BEAT = 4.0

Work = Callable[[Lease], bool]
"""Does a step; returns whether something of it is left. Its effects are kept under the lease."""
Change = Callable[[DueStep, str, dt.datetime], DueStep | None]


class StepRunner:
    """Takes steps and carries them out.

    Args:
        store: the steps that are due.
        hints: asks for what is left of a step.
        clock: tells how long a lease lasts.
        lease: for how long a step is its taker's, unless renewed. Who takes a short one has to bear
            that others begin while a busy machine lets it wait.
    """

    def __init__(
        self, store: StepStore, hints: Hints, clock: Clock, lease: dt.timedelta = steps.LEASE
    ) -> None:
        self._store = store
        self._hints = hints
        self._clock = clock
        self._lease = lease

    def run(self, step: Step, work: Work) -> None:
        """Carry a step out; do nothing when it is not due, or somebody else is at it.

        Raises:
            Exception: what `work` raises. The step stays due, and anybody may take it at once.
        """
        lease = self._take(step)
        if lease is None:
            log.info("nothing to do", step=step.path)
            return
        try:
            with self._kept(lease):
                is_left = work(lease)
        except Superseded:
            log.info("superseded", step=step.path)
        except Exception:
            self._let_go(lease, steps.fail)
            raise
        else:
            if is_left:
                self._let_go(lease, steps.give_back)
                self._hints.send([step])

    def holds(self, lease: Lease) -> bool:
        """Tell whether the step is still ours."""
        [found] = self._store.find([lease.step])
        return found is not None and found.holder == lease.holder

    def is_hopeless(self, lease: Lease, mark: str) -> bool:
        """Tell whether process after process died over the step, the last ones at one place.

        To be asked once when it is taken; it costs nothing unless the one before has died.

        Args:
            lease: of the step.
            mark: how far it has come.

        Raises:
            Superseded: somebody else has it by now.
        """
        if not lease.is_inherited:
            return False
        found = self._change(
            lease, lambda found, holder, now: steps.count_death(found, holder, mark, now)
        )
        if found is None:
            raise Superseded(lease.step.path)
        return found.deaths >= steps.MOST_DEATHS

    def is_due(self, step: Step) -> bool:
        """Tell whether a step is there to be done, whoever has it."""
        return self._store.find([step]) != [None]

    def _take(self, step: Step) -> Lease | None:
        lease = Lease(step, uuid.uuid4().hex)
        found = self._change(lease, functools.partial(steps.take, lease=self._lease))
        return None if found is None else replace(lease, is_inherited=found.is_inherited)

    @contextmanager
    def _kept(self, lease: Lease) -> Iterator[None]:
        """Renew the lease, in a thread of its own, for as long as the block runs."""
        over = threading.Event()
        thread = threading.Thread(target=self._beat, args=(lease, over), daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _beat(self, lease: Lease, over: threading.Event) -> None:
        renew = functools.partial(steps.renew, lease=self._lease)
        while not over.wait(BEAT * (self._lease / steps.LEASE)):
            try:
                if not self._change(lease, renew):
                    return  # what it does no longer counts, and its next effect tells it so
            except Exception as error:  # noqa: BLE001 - the next beat tries again
                log.warning("lease not renewed", step=lease.step.path, error=str(error))

    def _let_go(self, lease: Lease, change: Change) -> None:
        """Let somebody else have the step; where that fails, they wait until the lease ends."""
        try:
            self._change(lease, change)
        except Exception as error:  # noqa: BLE001 - see above
            log.warning("step not given back", step=lease.step.path, error=str(error))

    def _change(self, lease: Lease, change: Change) -> DueStep | None:
        return self._store.change(
            lease.step, lambda found: change(found, lease.holder, self._clock.now())
        )
