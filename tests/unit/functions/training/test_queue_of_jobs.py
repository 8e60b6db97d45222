"""Jobs side by side: turns by jobs, places, and a queue that forgets nobody."""

import random
from contextlib import suppress
from typing import Any

import pytest

from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.errors import Conflict, NotFound
from functions.kit.service.lookout import EVERY
from functions.training.learning.candidates import crossvalidation
from functions.training.learning.candidates.algorithms import Choice
from functions.training.model import transitions
from functions.training.model.admission import Caps
from functions.training.model.jobs import Job
from functions.training.service.step_kinds.tools import Pace
from tests.support.in_memory.chaos import Killed, Life, LossyQueue, Peril
from tests.support.in_memory.training import deliver
from tests.support.in_memory.training_house import SMALL, House, learn_once

ONE = Caps(jobs=1)

FOLD_SECONDS = 1.0


def cancelled(job: Job) -> Job:
    """Cancel as a process does that dies at once."""
    return transitions.cancel(job, job.created_at)


@pytest.fixture(autouse=True)
def _learnt(monkeypatch: pytest.MonkeyPatch) -> None:
    learn_once(monkeypatch)


def test_a_job_for_which_there_is_no_room_waits_and_shows_its_place() -> None:
    house = House(caps=ONE)
    first, second, third = (house.post() for _ in range(3))
    assert [one.waits_at for one in (first, second, third)] == [None, 1, 2]
    house.service.cancel(second.place)
    assert house.service.job(third.place).waits_at == 1
    house.run()
    ended = [house.service.job(one.place) for one in (first, second, third)]
    assert [one.state for one in ended] == ["succeeded", "cancelled", "succeeded"]
    assert ended[2].waits_at is None


def test_of_jobs_side_by_side_each_has_as_many_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House(pace=Pace(turn=FOLD_SECONDS, record=0.0))
    turns: list[int] = []
    genuine = crossvalidation.run_fold

    def run_fold(plan: Any, choice: Choice, **more: Any) -> Any:
        house.clock.advance(FOLD_SECONDS)
        turns.append(more["seed"])
        return genuine(plan, choice, **more)

    monkeypatch.setattr(crossvalidation, "run_fold", run_fold)
    large = house.post(candidates=SMALL * 10, seed=1, ensemble=False)
    deliver(house.steps, house.next())
    small = house.post(candidates=SMALL, seed=2, ensemble=False)
    house.run()
    assert {house.service.job(one.place).state for one in (large, small)} == {"succeeded"}
    assert (turns.count(1), turns.count(2)) == (40, 4)
    last = len(turns) - 1 - turns[::-1].index(2)
    # Four folds alone; beside a job of forty it is done within about twice as many.
    assert last < 2 * 4 + 3


def test_who_died_before_the_next_was_let_in_holds_nobody_up() -> None:
    house = House(caps=ONE)
    first, second = house.post(), house.post()
    house.store.update(first.place, cancelled)
    assert house.service.job(second.place).waits_at is None  # its reader has let it in
    third = house.post()
    house.store.update(second.place, cancelled)
    house.clock.advance(EVERY.total_seconds())
    house.service.look()
    house.run()
    assert house.store.load(third.place).state == "succeeded"


@pytest.mark.parametrize("seed", range(10))
def test_no_job_is_forgotten_whatever_dies(seed: int) -> None:
    chance = random.Random(seed)
    peril = Peril(chance, kills=0.02)
    house = House(peril, LossyQueue(chance), caps=Caps(jobs=2, candidates=3))
    made = []
    for name in ("one", "two", "three", "four"):
        made.append(Place(MAIN, name))
        while house.store.find(made[-1]) is None:
            with suppress(Killed):
                house.post(name)
    life = Life(
        chance,
        house.queue,
        house.clock,
        lambda step: deliver(house.steps, step),
        house.service.look,
        lambda: house.service.job(made[3]),
    )
    life.until(lambda: all(house.store.load(one).ended for one in made) and not house.due.waiting)
    assert {house.store.load(one).state for one in made} == {"succeeded"}
    assert len(house.world.registered) == 4


def test_what_a_job_kept_is_removed_at_its_end_and_a_job_can_go_then() -> None:
    house = House()
    job = house.post()
    for _ in range(3):
        deliver(house.steps, house.next())
    assert [path for path in house.files.stored if path.startswith(f"training/{job.id}/")]
    with pytest.raises(Conflict, match="has not ended"):
        house.service.remove(job.place)
    house.service.cancel(job.place)
    house.run()
    assert not [path for path in house.files.stored if path.startswith("training/")]
    again = house.service.again(job.place, "bob", "k")
    assert (again.request, again.owner, again.id) == (job.request, "bob", "k")
    house.service.remove(job.place)
    with pytest.raises(NotFound):
        house.service.job(job.place)


def test_a_function_that_trains_again_does_so_for_whose_the_job_was() -> None:
    house = House()
    job = house.post()
    again = house.service.again(job.place, "")
    assert (again.owner, again.id != job.id) == (job.owner, True)
