"""What a model is made of is fitted in steps of its own; what cannot be made is left out."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from functions.training.learning.candidates.algorithms import Choice
from functions.training.learning.ensembles import selection, twins
from functions.training.learning.ensembles.twins import Twins
from functions.training.learning.graph.parity import Mismatch
from functions.training.learning.plan import Plan
from functions.training.model.due import due_steps, finish_step, member_step
from functions.training.model.jobs import Job
from functions.training.service.step_kinds import assembling
from functions.training.service.step_kinds.assembling import Assembled
from tests.support.in_memory.chaos import Killed
from tests.support.in_memory.training import deliver
from tests.support.in_memory.training_house import SMALL, House, learn_once

Patch = pytest.MonkeyPatch


@pytest.fixture
def patch(monkeypatch: Patch) -> Patch:
    learn_once(monkeypatch)
    monkeypatch.setattr(selection, "select", in_turn)
    return monkeypatch


@pytest.fixture
def house(patch: Patch) -> House:
    return House()


def in_turn(predictions: Mapping[int, Any], *_: Any, **__: Any) -> dict[int, float]:
    """Make all that there are members, the earlier the heavier."""
    total = sum(1 / (index + 1) for index in predictions)
    return {index: 1 / (index + 1) / total for index in predictions}


def chosen(house: House, **more: Any) -> Job:
    """Run a job until its members are chosen, and its steps are queued."""
    job = house.post(**more)
    while not house.service.job(job.place).members:
        deliver(house.steps, house.next())
    return house.service.job(job.place)


def fails(patch: Patch, algorithm: str, error: BaseException) -> list[str]:
    """Let fits of an algorithm on all rows fail; return what is fitted as it is."""
    genuine, fitted = twins.fit, list[str]()

    def fit(plan: Plan, choice: Choice, seed: int, *, refit: bool) -> Twins:
        fitted.append(choice.algorithm)
        if choice.algorithm == algorithm:
            raise error
        return genuine(plan, choice, seed, refit=refit)

    patch.setattr(twins, "fit", fit)
    return fitted


THREE = [*SMALL, Choice("random_forest", {"n_estimators": 6})]


def test_members_are_fitted_side_by_side_and_then_put_together(house: House) -> None:
    job = chosen(house)
    first, second = (member_step(job.place, index) for index in range(2))
    assert due_steps(job) == list(house.queue.messages) == [first, second]
    deliver(house.steps, second)
    one_left = house.service.job(job.place)
    assert (due_steps(one_left), one_left.candidates[0].made) == ([first], None)
    deliver(house.steps, first)
    made = house.service.job(job.place)
    assert due_steps(made) == [finish_step(job.place)]
    kept = {one.made for one in made.candidates}
    assert kept <= house.files.stored.keys()
    house.run()
    ended = house.service.job(job.place)
    assert (ended.state, ended.best, len(ended.members)) == ("succeeded", 0, 2)
    assert not kept & house.files.stored.keys()


def test_no_more_members_at_a_time_than_the_job_has_slots(house: House) -> None:
    job = chosen(house, candidates=THREE)
    assert due_steps(job) == [member_step(job.place, index) for index in range(2)]
    deliver(house.steps, house.next())
    waiting = [member_step(job.place, index) for index in (1, 2)]
    assert due_steps(house.service.job(job.place)) == list(house.queue.messages) == waiting


def test_a_member_that_was_made_is_not_made_again(house: House, patch: Patch) -> None:
    fitted = fails(patch, "none", Killed())
    job = chosen(house)
    steps = list(house.queue.messages)
    house.run()
    for step in steps:
        deliver(house.steps, step)
    assert sorted(fitted) == ["logistic_regression", "random_forest"]
    assert house.service.job(job.place).state == "succeeded"


@pytest.mark.parametrize("error", [ValueError("no such luck"), Mismatch("0.3 apart")])
def test_a_member_that_cannot_be_made_is_left_out_and_said_so(
    house: House, patch: Patch, error: Exception
) -> None:
    fitted = fails(patch, "logistic_regression", error)
    job = house.post(candidates=THREE)
    house.run()
    ended = house.service.job(job.place)
    assert (ended.state, ended.best) == ("succeeded", 1)
    assert [one.candidate for one in ended.members] == [1, 2]
    assert sum(one.weight for one in ended.members) == pytest.approx(1)
    assert sorted(fitted) == ["logistic_regression", "random_forest", "random_forest"]
    [note] = [one for one in ended.notes if "left out" in one]
    assert note.startswith("logistic regression is left out of the model: it could not be made")
    assert str(error) in note
    card = house.world.registered[job.id][1].card
    assert note in card
    assert "| logistic regression | failed: could not be made into a model" in card


def test_a_member_whose_process_dies_every_time_is_left_out(house: House, patch: Patch) -> None:
    job = chosen(house)
    with patch.context() as for_now:
        fails(for_now, "random_forest", Killed())
        house.die_until_given_up(lambda: house.steps.member(job.place, 1))
    assert "out of memory?" in str(house.service.job(job.place).candidates[1].failure)
    house.run()
    ended = house.service.job(job.place)
    assert (ended.state, [one.candidate for one in ended.members]) == ("succeeded", [0])


def test_where_no_member_can_be_made_the_job_fails_with_the_reasons(
    house: House, patch: Patch
) -> None:
    job = house.post(candidates=SMALL[:1])
    fails(patch, "logistic_regression", ValueError("no luck"))
    house.run()
    failure = "Every candidate failed: could not be made into a model: ValueError: no luck"
    ended = house.service.job(job.place)
    assert (ended.state, ended.failure) == ("failed", failure)


def test_members_that_cannot_be_put_together_leave_the_best_alone(
    house: House, patch: Patch
) -> None:
    genuine = assembling.assemble

    def assemble(plan: Plan, members: list[Any], *given: Any) -> Assembled:
        if len(members) > 1:
            raise Mismatch("too far apart")
        return genuine(plan, members, *given)

    patch.setattr(assembling, "assemble", assemble)
    fitted = fails(patch, "none", Killed())
    job = house.post()
    house.run()
    ended = house.service.job(job.place)
    assert (ended.state, [one.weight for one in ended.members]) == ("succeeded", [1.0])
    assert sorted(fitted) == ["logistic_regression", "random_forest"]
    assert [one for one in ended.notes if "could not be put together" in one]


def test_a_pruned_candidate_is_tried_where_all_others_cannot_be_made(
    house: House, patch: Patch
) -> None:
    fails(patch, "logistic_regression", ValueError("no luck"))
    job = chosen(house)
    pruned = house.store.update(job.place, _with_the_second_pruned)
    assert due_steps(pruned) == [member_step(job.place, 0)]
    house.run()
    ended = house.service.job(job.place)
    assert (ended.state, ended.best) == ("succeeded", 1)


def _with_the_second_pruned(job: Job) -> Job:
    done = job.candidates[1]
    second = msgspec.structs.replace(
        done, state="pruned", folds_done=1, results=done.results[:1], files=done.files[:1]
    )
    candidates = [job.candidates[0], second]
    return msgspec.structs.replace(job, candidates=candidates, members=job.members[:1])
