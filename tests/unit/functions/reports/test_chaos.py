"""Reports whose messages and processes meet everything that may happen to them."""

import random
from typing import Any

import pyarrow as pa
import pytest

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.records.columns import Column
from functions.reports.model.kind import folder_of
from functions.reports.model.report import Report
from tests.support.in_memory.chaos import Killed, Life, LossyQueue, Peril
from tests.support.in_memory.reports_house import ANN, House, dataset_of, profile_of

RARE = 0.02
COLUMNS = [Column("age", "number")]


class Chaos:
    """One report in a hostile world."""

    def __init__(self, seed: int, **peril: Any) -> None:
        chance = random.Random(seed)
        self.peril = Peril(chance, **peril)
        self.house = house = House(None, self.peril, LossyQueue(chance))
        house.world.put(dataset_of(COLUMNS), profile_of(COLUMNS), pa.table({"age": [0.0, 2.0]}))
        self.life = Life(
            chance,
            house.queue,
            house.clock,
            lambda step: house.deliver(step.path),
            house.lookout.look,
            lambda: house.reports.report(ANN, self.report.name),
        )
        self.report = self._ask()
        self.peril.meanwhile = self.life.while_one_is_held_up

    def _ask(self) -> Place:
        """Ask until there is an answer, as a user does with a key of one's own."""
        while True:
            try:
                return self.house.ask(report_id="k", dataset="people").place
            except Killed:
                continue

    def live(self) -> Report:
        """Let it come to its end, and see that nothing of it changes any more."""
        self.life.until(lambda: self.house.store.load(self.report).is_ended)
        ended = self.house.store.load(self.report)
        self.peril.end()
        self.life.drain()
        assert self.house.store.load(self.report) == ended
        return ended


def check(chaos: Chaos) -> None:
    """Let it live: whatever happens, each file is there once, and nothing is left of it after."""
    ended = chaos.live()
    house = chaos.house
    assert (ended.state, set(ended.files)) == ("succeeded", {"notebook", "pdf", "html"})
    for form in ended.files:
        assert len(house.text(ended, form)) == ended.files[form].bytes
    house.reports.remove(ANN, ended.id)
    for _ in range(20):
        house.clock.advance(60)
        house.lookout.look()
        chaos.life.drain()
    assert house.store.find(chaos.report) is None
    assert list(house.files.listed(folder_of(chaos.report))) == []
    assert house.due.waiting == []


def test_a_process_may_die_at_any_point() -> None:
    calm = Chaos(0)
    check(calm)
    assert calm.peril.points > 20
    for point in range(1, calm.peril.points + 1):
        check(Chaos(point, kill_at=point))


def test_a_process_may_be_held_up_at_any_point() -> None:
    calm = Chaos(0)
    check(calm)
    for point in range(1, calm.peril.own_points + 1):
        check(Chaos(point, hold_at=point))


@pytest.mark.parametrize("seed", range(20))
def test_everything_may_happen_at_once(seed: int) -> None:
    check(Chaos(seed, kills=RARE, holds=RARE))
