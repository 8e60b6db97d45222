"""Long work on a dataset in a step: it goes on for a while, then is given back for another turn.

A step is carried out under a lease (`kit/service/step_runner.py`). Its effects need no look at
it: every commit holds only if the dataset's document is the one seen before. Of two who are at it,
because one was held up for longer than its lease, one wins each commit; the other looks whether
the step is still its own.
"""

from abc import ABC, abstractmethod
from contextlib import suppress
from typing import ClassVar

import structlog

from functions.datasets.model.dataset import Stored, Work
from functions.datasets.model.due import step_in
from functions.datasets.service.ports import DatasetStore, Overtaken, RecordStore, Version
from functions.datasets.service.turns import Turn
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import NoRoom, NotFound
from functions.kit.contract.ports import Bucket, Clock
from functions.kit.contract.steps import MOST_DEATHS, Lease, Superseded
from functions.kit.service.hints import Hints
from functions.kit.service.step_runner import StepRunner

log = structlog.get_logger()

# Seconds between two looks whether a full store has room again.
FULL_PAUSE = 1.0

DIED = f"The process ended {MOST_DEATHS} times (out of memory, or of time?)"
"""Why work is given up; where, and what can be done, is to be added."""

Parts = tuple[DatasetStore, RecordStore, Bucket, StepRunner, Hints, Clock]
"""What such work is made from."""


class ResumableSteps(ABC):
    """Work on the datasets of one state (or in one way), until they are in another.

    Attributes:
        state: of the datasets that there is work on, and which.
        seconds: of work in one turn, well below the gateway's patience.
    """

    state: ClassVar[Work]
    seconds: ClassVar[float]

    def __init__(
        self,
        store: DatasetStore,
        records: RecordStore,
        files: Bucket,
        runner: StepRunner,
        hints: Hints,
        clock: Clock,
    ) -> None:
        self._store = store
        self._records = records
        self._files = files
        self._runner = runner
        self._hints = hints
        self._clock = clock

    def ask(self, place: Place) -> None:
        """Have the step looked at soon."""
        self._hints.send([step_in(place, self.state)])

    def step(self, place: Place) -> None:
        """Work for a while, if the step is due and nobody is at it."""
        step = step_in(place, self.state)
        turn = Turn(self._clock, self.seconds)
        self._runner.run(step, lambda lease: self._is_left(place, lease, turn))

    def _is_left(self, place: Place, lease: Lease, turn: Turn) -> bool:
        """Work for a while; tell whether something is left."""
        if lease.is_inherited:
            self._judge(place, lease)
        while not self._is_over(place, lease, turn):
            if turn.is_over():
                return True
        return False

    def _is_over(self, place: Place, lease: Lease, turn: Turn) -> bool:
        """Work once; tell whether there is nothing left to do."""
        try:
            dataset, version, _ = self._store.find(place)
        except NotFound:
            return True  # it is gone
        if dataset.work != self.state:
            return True
        try:
            self._work(dataset, version, turn)
        except Overtaken as error:
            log.info("overtaken", step=lease.step.path, rows_done=dataset.rows_done)
            if not self._runner.holds(lease):
                raise Superseded(lease.step.path) from error
        except NoRoom as error:
            log.warning("no room", step=lease.step.path, error=str(error))
            self._clock.sleep(FULL_PAUSE)
        return False

    def _judge(self, place: Place, lease: Lease) -> None:
        """Give up what process after process has died over, where that can be given up."""
        with suppress(NotFound, Overtaken):  # it is gone, or others came further
            dataset, seen, _ = self._store.find(place)
            mark = str(dataset.updated_at)
            if dataset.work == self.state and self._runner.is_hopeless(lease, mark):
                log.error("given up", step=lease.step.path, mark=mark)
                self._give_up(dataset, seen)

    def _give_up(  # noqa: B027 - what has to end goes on for ever
        self, dataset: Stored, seen: Version
    ) -> None:
        """End work that kills its process, if it may remain undone; as `_work`."""

    @abstractmethod
    def _work(self, dataset: Stored, seen: Version, turn: Turn) -> None:
        """Go on until the turn is over, or all is done: then the dataset is in another state.

        Args:
            dataset: as it is stored.
            seen: the version of its document.
            turn: when it is over, something may be left.

        Raises:
            Overtaken: somebody else changed the dataset meanwhile.
        """
