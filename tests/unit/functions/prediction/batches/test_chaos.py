"""Batches whose messages and processes meet everything that may happen to them."""

import random
from typing import Any

import pytest

from functions.kit.contract.access.workspaces import Place
from functions.prediction.model.batches.batch import Batch, Request
from tests.support.in_memory.batch_house import ANN, House, people
from tests.support.in_memory.chaos import Killed, Life, LossyQueue, Peril

RARE = 0.02
TABLE = people(90)


class Chaos:
    """One batch in a hostile world."""

    def __init__(self, seed: int, **peril: Any) -> None:
        chance = random.Random(seed)
        self.peril = Peril(chance, **peril)
        self.house = house = House(self.peril, LossyQueue(chance))
        house.world.put("town", TABLE, group=7)
        self.life = Life(
            chance,
            house.queue,
            house.clock,
            lambda step: house.deliver(step.path),
            house.service.look,
            lambda: house.service.batch(self.batch, "people"),
            lambda: house.service.resume(self.batch, "people"),
        )
        self.batch = self._post()
        self.peril.meanwhile = self.life.while_one_is_held_up

    def _post(self) -> Place:
        """Post until there is an answer, as a user does with a key of one's own."""
        while True:
            try:
                return self.house.service.create(ANN, "people", Request("town"), "a" * 32).place
            except Killed:
                continue

    def live(self) -> Batch:
        """Let the batch come to its end, and everything that is left of it come to nothing."""
        self.life.until(self._is_over)
        ended = self.house.store.load(self.batch)
        self.peril.end()
        self.life.drain()
        assert self.house.store.load(self.batch) == ended
        assert self.house.due.waiting == []
        return ended

    def _is_over(self) -> bool:
        return self.house.store.load(self.batch).ended and not self.house.due.waiting


def check(chaos: Chaos) -> None:
    """Let it live; whatever happens, each row comes out once, and nothing else is left."""
    ended = chaos.live()
    found = chaos.house.output(ended)
    assert found["row"].to_pylist() == [*range(1, 91)]
    assert found["label"].to_pylist() == [one["label"] for one in chaos.house.expected(TABLE)]


def test_a_process_may_die_at_any_point(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.prediction.adapters.batches.cutting.PART_ROWS", 30)
    calm = Chaos(0)
    check(calm)
    for point in range(1, calm.peril.points + 1):
        check(Chaos(point, kill_at=point))


@pytest.mark.parametrize("seed", range(20))
def test_everything_may_happen_at_once(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.prediction.adapters.batches.cutting.PART_ROWS", 20)
    check(Chaos(seed, kills=RARE, holds=RARE))
