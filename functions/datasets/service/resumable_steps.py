"""Long work on a dataset in steps: each goes on for a while, then has another one queued.

A step may be killed, repeated, or run beside itself: every commit holds only if the dataset's
document is the one seen before, so one of several wins each commit and the others look again. A
late repetition finds the dataset in another state, or a new dataset under the id, and leaves it.
"""

from abc import ABC, abstractmethod
from typing import ClassVar

import structlog

from functions.datasets.model.dataset import State, Stored
from functions.datasets.service.ports import DatasetStore, Overtaken, RecordStore, Version
from functions.kit.contract.errors import NoRoom, NotFound
from functions.kit.contract.ports import Bucket, Clock, Queue

log = structlog.get_logger()

# Seconds between two looks whether a full store has room again.
FULL_PAUSE = 1.0


class ResumableSteps(ABC):
    """Work on the datasets of one state, until they are in another.

    Attributes:
        verb: the last part of the step's route.
        state: of the datasets that there is work on.
        seconds: of work in one step, well below the gateway's patience.
    """

    verb: ClassVar[str]
    state: ClassVar[State]
    seconds: ClassVar[float]

    def __init__(
        self,
        store: DatasetStore,
        records: RecordStore,
        files: Bucket,
        queue: Queue,
        clock: Clock,
    ) -> None:
        self._store = store
        self._records = records
        self._files = files
        self._queue = queue
        self._clock = clock

    def queue(self, dataset_id: str) -> None:
        """Ask for a step, durably; raises Away."""
        self._queue.enqueue("datasets", f"/datasets/{dataset_id}/{self.verb}")

    def step(self, dataset_id: str) -> None:
        """Work for a while; ask for another step when something is left."""
        deadline = self._clock.monotonic() + self.seconds
        while not self._is_over(dataset_id, deadline):
            if self._clock.monotonic() > deadline:
                self.queue(dataset_id)
                return

    def _is_over(self, dataset_id: str, deadline: float) -> bool:
        """Work once; tell whether there is nothing left to do."""
        try:
            dataset, version, _ = self._store.find(dataset_id)
        except NotFound:
            return True  # it is gone
        if dataset.state != self.state:
            self._tidy(dataset)
            return True
        try:
            self._work(dataset, version, deadline)
        except Overtaken:
            log.info("overtaken", step=self.verb, dataset=dataset_id, rows_done=dataset.rows_done)
        except NoRoom as error:
            log.warning("no room", step=self.verb, dataset=dataset_id, error=str(error))
            self._clock.sleep(FULL_PAUSE)
        return False

    @abstractmethod
    def _work(self, dataset: Stored, seen: Version, deadline: float) -> None:
        """Go on until the deadline or the end, when the dataset is in another state.

        Args:
            dataset: as it is stored.
            seen: the version of its document.
            deadline: on our clock.

        Raises:
            Overtaken: another delivery of the step is at it too.
        """

    @abstractmethod
    def _tidy(self, dataset: Stored) -> None:
        """Clear up after work that is done, perhaps not for the first time."""
