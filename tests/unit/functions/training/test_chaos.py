"""Jobs whose messages and processes meet everything that may happen to them."""

import random
from collections import Counter
from typing import Any

import pytest

from functions.kit.contract.access.workspaces import Place
from functions.kit.contract.errors import Conflict
from functions.training.learning import plan
from functions.training.learning.ensembles import selection
from functions.training.model.jobs import Job
from functions.training.model.requests.spec import TrainingSpec
from functions.training.service.ports import Change
from tests.support.in_memory.chaos import Killed, Life, LossyQueue, Peril
from tests.support.in_memory.training import deliver
from tests.support.in_memory.training_house import House, learn_once, small_table

# So rare that no step dies as often as would give it up, of the seeds below.
RARE = 0.019


class Chaos:
    """One job in a hostile world; every write that had an effect is counted."""

    def __init__(self, seed: int, **peril: Any) -> None:
        chance = random.Random(seed)
        self.peril = Peril(chance, **peril)
        self.house = House(self.peril, LossyQueue(chance))
        self.effects: Counter[str] = Counter()
        self._note_effects()
        house = self.house
        self.life = Life(
            chance,
            house.queue,
            house.clock,
            lambda step: deliver(house.steps, step),
            house.lookout.look,
            lambda: house.service.job(self.job),
            lambda: house.service.resume(self.job),
        )
        self.job = self._post()
        self.peril.meanwhile = self.life.while_one_is_held_up

    def _post(self) -> Place:
        """Post until there is an answer, as a user does with a key of one's own."""
        while True:
            try:
                return self.house.post("one job").place
            except Killed:
                continue

    def live(self) -> Job:
        """Let the job come to its end, and everything that is left of it come to nothing."""
        self.life.until(self._is_over)
        ended = self.house.store.load(self.job)
        self.peril.end()
        self.life.drain()
        assert self.house.store.load(self.job) == ended
        assert self.house.due.waiting == []
        return ended

    def _is_over(self) -> bool:
        return self.house.store.load(self.job).ended and not self.house.due.waiting

    def _note_effects(self) -> None:
        genuine = self.house.store.update

        def update(place: Place, change: Change, *lease: Any) -> Job:
            before = self.house.store.load(place)
            after = genuine(place, change, *lease)
            if before.state != after.state:
                self.effects[f"state {after.state}"] += 1
            for was, one in zip(before.candidates, after.candidates, strict=False):
                if one.folds_done != was.folds_done:
                    self.effects[f"fold {one.index}.{was.folds_done}"] += 1
                if one.made != was.made:
                    self.effects[f"member {one.index}"] += 1
            return after

        vars(self.house.store)["update"] = update


def check(chaos: Chaos) -> None:
    """Let it live; whatever happens, each thing comes about, and comes about once."""
    ended = chaos.live()
    assert (ended.state, ended.version) == ("succeeded", 1), ended.failure
    assert [len(one.results) for one in ended.candidates] == [2, 2]
    folds = [f"fold {index}.{fold}" for index in range(2) for fold in range(2)]
    steps = [*folds, "member 0", "member 1", "state running", "state succeeded"]
    assert chaos.effects == dict.fromkeys(steps, 1)
    [(_, registration, version)] = chaos.house.world.registered.values()
    assert (registration.file.path in chaos.house.files.stored, version) == (True, 1)


@pytest.fixture(autouse=True)
def _learnt(monkeypatch: pytest.MonkeyPatch) -> None:
    learn_once(monkeypatch)
    monkeypatch.setattr(selection, "select", lambda *_, **__: {0: 0.6, 1: 0.4})
    # All jobs here are of one table and one request: a process of each would make the same plan.
    made = plan.make(small_table(), TrainingSpec("y", folds=2))
    monkeypatch.setattr(plan, "make", lambda *_: made)


@pytest.mark.parametrize("seed", range(20))
def test_messages_and_processes_at_the_mercy_of_chance(seed: int) -> None:
    check(Chaos(seed, kills=RARE, holds=RARE))


def test_a_process_killed_at_any_one_point() -> None:
    calm = Chaos(0)
    check(calm)
    assert calm.peril.points > 50
    for point in range(1, calm.peril.points + 1):
        check(Chaos(0, kill_at=point))


@pytest.mark.parametrize("seed", range(10))
def test_a_job_is_either_cancelled_or_makes_its_model(seed: int) -> None:
    chaos = Chaos(seed, kills=RARE, holds=RARE)
    for _ in range(seed * 3):
        chaos.life.act()
    while not chaos.house.store.load(chaos.job).ended:
        try:
            chaos.house.service.cancel(chaos.job)
        except Killed:
            continue
        except Conflict:  # it registers its model, or has done so
            break
    state = chaos.live().state
    assert (state, len(chaos.house.world.registered)) in {("cancelled", 0), ("succeeded", 1)}
