"""Tasks whose messages and processes meet everything that may happen to them."""

import random
from typing import Any

import pytest

from functions.kit.contract.access.workspaces import Place
from functions.prediction.model.tasks.task import Task
from tests.support.in_memory.chaos import Killed, Life, LossyQueue, Peril
from tests.support.in_memory.task_house import ANN, DAY, RECORD, House

RARE = 0.02
ROWS = {"records": [RECORD]}


class Chaos:
    """One task in a hostile world."""

    def __init__(self, seed: int, **peril: Any) -> None:
        chance = random.Random(seed)
        self.peril = Peril(chance, **peril)
        self.house = house = House(self.peril, LossyQueue(chance))
        self.life = Life(
            chance,
            house.queue,
            house.clock,
            lambda step: house.deliver(step.path),
            house.lookout.look,
            lambda: house.tasks.task(ANN, "people", self.task.name),
        )
        self.task = self._post()
        self.peril.meanwhile = self.life.while_one_is_held_up

    def _post(self) -> Place:
        """Post until there is an answer, as a user does with a key of one's own."""
        while True:
            try:
                return self.house.task(self.house.post(ROWS, key="k")).place
            except Killed:
                continue

    def live(self) -> Task:
        """Let the task come to its end, and see that nothing of it changes any more."""
        self.life.until(self._is_over)
        ended = self.house.store.load(self.task)
        self.peril.end()
        self.life.drain()
        assert self.house.store.load(self.task) == ended
        return ended

    def _is_over(self) -> bool:
        return self.house.store.load(self.task).is_ended

    def leave(self) -> None:
        """Let time pass until nothing is left of it, files of dead processes neither."""
        for _ in range(120):
            self.house.clock.advance(DAY.total_seconds() / 50)
            self.house.lookout.look()
            self.life.drain()
        assert (self.house.files.stored, self.house.due.waiting) == ({}, [])
        assert self.house.store.find(self.task) is None


def check(chaos: Chaos) -> None:
    """Let it live: whatever happens, it is answered, and nothing is left when its time is over."""
    ended = chaos.live()
    assert ended.state == "succeeded"
    assert ended.result is not None
    _, body = chaos.house.tasks.result(ANN, "people", ended.id)
    assert len(b"".join(body)) == ended.result.bytes
    assert chaos.house.log.made[-1].caller == ANN
    chaos.leave()


def test_a_process_may_die_at_any_point() -> None:
    calm = Chaos(0)
    check(calm)
    for point in range(1, calm.peril.points + 1):
        check(Chaos(point, kill_at=point))


@pytest.mark.parametrize("seed", range(20))
def test_everything_may_happen_at_once(seed: int) -> None:
    check(Chaos(seed, kills=RARE, holds=RARE))
