"""A batch whose replica is busy: what does not get into the queue is asked for soon all the same.

A gateway that asks the function whether a call may be queued has no answer while the only thread of
its replica works at a part. So hints fail in all but the first moments.
"""

import datetime as dt
from itertools import pairwise

import pytest

from functions.kit.adapters.steps.memory_queue import MemoryQueue
from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Away
from functions.kit.contract.steps import GRACE, LEASE, Step
from functions.prediction.model.batches.batch import Request
from tests.support.in_memory.batch_house import ANN, House, people

TICK = 1.0
LONGEST_PAUSE = LEASE + 2 * GRACE
"""Between two parts that get done: a dead one's lease, and the looks for what is overdue."""


class NarrowQueue(MemoryQueue):
    """Takes a hint when it has none."""

    def look(self, step: Step) -> None:
        """See Queue."""
        if self.messages:
            raise Away("The only thread is busy.")
        super().look(step)


@pytest.fixture(name="house")
def _house(monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setattr("functions.prediction.adapters.batches.cutting.PART_ROWS", 5)
    house = House(queue=NarrowQueue())
    house.world.put("town", people(100), group=5)
    return house


def live(house: House, batch: Place) -> list[dt.datetime]:
    """Let a reader look again and again until the batch has ended; return when each step ran."""
    ran = [house.clock.now()]
    while not house.service.batch(batch, "people").ended:
        assert house.clock.now() - ran[0] < dt.timedelta(hours=1), "it stands still"
        if house.queue.messages:
            house.deliver(house.queue.messages.popleft().path)
            ran.append(house.clock.now())
        house.clock.advance(TICK)
    return ran


def longest_pause(ran: list[dt.datetime]) -> dt.timedelta:
    return max(later - one for one, later in pairwise(ran))


def test_parts_that_could_not_be_queued_are_asked_for_soon(house: House) -> None:
    batch = house.service.create(ANN, "people", Request("town")).place
    assert longest_pause(live(house, batch)) <= LONGEST_PAUSE
    assert house.store.load(batch).state == "succeeded"
