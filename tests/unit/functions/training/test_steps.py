"""A job's steps over stores in memory: the whole way, and every way a queue may deliver."""

import random
from typing import TYPE_CHECKING, Any

import pytest

from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.errors import Away, Conflict, DomainError
from functions.kit.contract.models.registration import Registration, files_in
from functions.kit.contract.steps import GRACE, LEASE, Lease, Step
from functions.training.learning import plan
from functions.training.learning.candidates import crossvalidation
from functions.training.learning.candidates.algorithms import Choice
from functions.training.learning.candidates.crossvalidation import FoldResult
from functions.training.learning.ensembles import twins
from functions.training.learning.graph import session as sessions
from functions.training.learning.plan import Plan
from functions.training.model.due import candidate_step, finish_step, start_step, tidy_step
from functions.training.model.jobs import Job
from functions.training.model.transitions import MOST_ATTEMPTS
from functions.training.service.ports import Change, Registered
from functions.training.service.step_kinds import assembling
from functions.training.service.step_kinds.assembling import Assembled
from tests.support.in_memory.chaos import Killed
from tests.support.in_memory.training import deliver
from tests.support.in_memory.training_house import (
    GENUINE_FIT,
    GENUINE_MODEL,
    House,
    learn_once,
    small_table,
)

if TYPE_CHECKING:
    from collections.abc import Callable

Patch = pytest.MonkeyPatch


@pytest.fixture
def patch(monkeypatch: Patch) -> Patch:
    return monkeypatch


@pytest.fixture
def house(monkeypatch: Patch) -> House:
    learn_once(monkeypatch)
    return House()


def model_files(house: House) -> set[str]:
    return {path for path in house.files.stored if path.startswith("models/")}


def files_of(registration: Registration) -> set[str]:
    """Return those that a version names: model, predictions, background rows, reference."""
    found = set(files_in(registration))
    assert sorted(path.rpartition(".")[2] for path in found) == ["json", "npz", "npz", "onnx"]
    return found


def test_a_job_goes_from_queued_to_a_registered_version(house: House) -> None:
    job = house.post()
    assert (job.state, job.progress, job.model) == ("queued", 0.0, "small")
    house.run()
    job = house.service.job(job.place)
    assert (job.state, job.progress, job.version, job.task) == ("succeeded", 1.0, 1, "binary")
    assert [one.state for one in job.candidates] == ["succeeded", "succeeded"]
    assert [one.folds_done for one in job.candidates] == [2, 2]
    model, registration, _ = house.world.registered[job.id]
    assert model == Place(MAIN, "small")
    assert registration.file.path in house.files.stored
    assert registration.signature.labels == ["yes", "no"]
    assert job.evaluation
    assert job.evaluation["parity"]["agree"]
    assert job.evaluation["rows"] == {"train": 48, "held_out": 12, "without_target": 0}
    assert "# small" in registration.card


def test_a_job_stays_in_its_workspace(house: House) -> None:
    house.world.give(Place("team", "small"), small_table())
    job = house.post(workspace="team")
    assert house.queue.messages[0].path == f"/workspaces/team/jobs/{job.id}/steps/start"
    house.run()
    job = house.service.job(Place("team", job.id))
    assert (job.state, job.owner) == ("succeeded", "ann")
    assert str(job.snapshot).startswith("workspaces/team/snapshots/small/")
    model, registration, _ = house.world.registered[job.id]
    assert model == Place("team", "small")
    assert registration.owner == "ann"
    assert registration.file.path.startswith(f"workspaces/team/models/small/{job.id}-")
    assert house.due.waiting == []


def test_a_step_that_an_earlier_release_made_due_is_carried_out(house: House) -> None:
    job = house.post()
    assert [one.path for one in house.due.waiting] == [f"/jobs/{job.id}/steps/start"]
    house.queue.messages.clear()
    deliver(house.steps, Step("training", f"/jobs/{job.id}/steps/start"))
    assert house.service.job(job.place).state == "running"


def test_every_step_delivered_twice_changes_nothing(house: House) -> None:
    job = house.post()
    delivered = []
    while house.queue.messages:
        step = house.next()
        delivered.append(step)
        deliver(house.steps, step)
        deliver(house.steps, step)
    ended = house.service.job(job.place)
    for step in delivered:
        deliver(house.steps, step)
    assert not house.queue.messages
    assert house.service.job(job.place) == ended
    assert ended.state == "succeeded"
    assert len(house.world.registered) == 1
    assert model_files(house) == files_of(house.world.registered[job.id][1])


@pytest.mark.parametrize("seed", range(5))
def test_any_order_with_repetitions_ends_the_same(house: House, seed: int) -> None:
    order = random.Random(seed)
    job = house.post()
    for _ in range(200):
        if not house.queue.messages:
            break
        step = order.choice(house.queue.messages)
        if order.random() < 0.7:
            house.queue.messages.remove(step)
        deliver(house.steps, step)
    house.run()
    ended = house.service.job(job.place)
    assert ended.state == "succeeded"
    assert len(house.world.registered) == 1


def test_a_step_before_its_time_does_nothing(house: House) -> None:
    job = house.post()
    deliver(house.steps, house.next())
    house.steps.finish(job.place)
    assert house.service.job(job.place).state == "running"
    assert house.world.registered == {}


@pytest.mark.parametrize("write", range(12))
def test_a_step_killed_before_any_of_its_writes_is_carried_on(
    house: House, patch: Patch, write: int
) -> None:
    job = house.post()
    left = {"writes": write}
    genuine = house.store.update

    def update(place: Place, change: Change, lease: Lease | None) -> Job:
        if left["writes"] == 0:
            left["writes"] = -1
            raise Killed
        left["writes"] -= 1
        return genuine(place, change, lease)

    patch.setattr(house.store, "update", update)
    kills = 0
    while house.queue.messages:
        step = house.next()
        try:
            deliver(house.steps, step)
        except Killed:
            kills += 1
            house.queue.messages.appendleft(step)
            house.wait_for_leases()
    assert kills == 1
    assert house.service.job(job.place).state == "succeeded"
    assert len(house.world.registered) == 1
    assert model_files(house) == files_of(house.world.registered[job.id][1])


@pytest.mark.parametrize("message", range(4))
def test_a_step_killed_between_its_write_and_the_queue_is_carried_on(
    house: House, patch: Patch, message: int
) -> None:
    genuine = house.queue.look
    left = {"messages": message}

    def look(step: Step) -> None:
        left["messages"] -= 1
        if left["messages"] == -1:
            raise Killed
        genuine(step)

    patch.setattr(house.queue, "look", look)
    kills = 0
    acts: list[Callable[[], object]] = [house.post, *[house.lookout.look, house.run] * 10]
    for act in acts:
        try:
            act()
        except Killed:
            kills += 1
        house.clock.advance(LEASE.total_seconds())
    [job] = house.store.page(MAIN, 10, None)
    assert (kills, job.state) == (1, "succeeded")


def test_folds_that_were_done_are_not_done_again(house: House, patch: Patch) -> None:
    job = house.post()
    deliver(house.steps, house.next())
    done: list[int | str] = []
    genuine = crossvalidation.run_fold

    def run_fold(plan: Plan, choice: Choice, **place: Any) -> FoldResult:
        if len(done) == 1:
            done.append("killed")
            raise Killed
        done.append(place["fold"])
        return genuine(plan, choice, **place)

    patch.setattr(crossvalidation, "run_fold", run_fold)
    with pytest.raises(Killed):
        house.steps.candidate(job.place, 0)
    house.steps.candidate(job.place, 0)
    assert done == [0, "killed"]  # the dead one's lease still holds
    house.wait_for_leases()
    house.steps.candidate(job.place, 0)
    assert done == [0, "killed", 1]


def test_a_candidate_that_kills_its_process_every_time_is_given_up(
    house: House, patch: Patch
) -> None:
    job = house.post()
    deliver(house.steps, house.next())

    def run_fold(*_: Any, **__: Any) -> FoldResult:
        raise Killed

    with patch.context() as for_now:
        for_now.setattr(crossvalidation, "run_fold", run_fold)
        house.die_until_given_up(lambda: house.steps.candidate(job.place, 0))
    assert "out of memory?" in str(house.service.job(job.place).candidates[0].failure)
    house.run()
    ended = house.service.job(job.place)
    assert (ended.state, ended.best) == ("succeeded", 1)


def test_data_that_kill_their_process_every_time_fail_the_job(house: House, patch: Patch) -> None:
    job = house.post()

    def make(*_: Any) -> Plan:
        raise Killed

    patch.setattr(plan, "make", make)
    step = house.next()
    house.die_until_given_up(lambda: deliver(house.steps, step))
    ended = house.service.job(job.place)
    assert (ended.state, list(house.queue.messages)) == ("failed", [])
    assert "out of memory?" in str(ended.failure)


def test_a_bucket_that_is_away_costs_no_attempt(house: House, patch: Patch) -> None:
    job = house.post()

    def read(path: str) -> bytes:
        raise Away("away")

    while house.queue.messages[0] != tidy_step(job.place):
        step = house.next()
        with patch.context() as for_now:
            for_now.setattr(house.files, "read", read)
            for _ in range(MOST_ATTEMPTS + 1):
                with pytest.raises(DomainError):
                    deliver(house.steps, step)
        deliver(house.steps, step)
    assert house.service.job(job.place).state == "succeeded"


def test_a_failed_candidate_keeps_its_reason_and_the_job_goes_on(
    house: House, patch: Patch
) -> None:
    genuine = crossvalidation.run_fold

    def run_fold(plan: Plan, choice: Choice, **place: Any) -> FoldResult:
        if choice.algorithm == "logistic_regression":
            raise ValueError("no  such\nluck")
        return genuine(plan, choice, **place)

    patch.setattr(crossvalidation, "run_fold", run_fold)
    job = house.post()
    house.run()
    ended = house.service.job(job.place)
    assert ended.candidates[0].failure == "ValueError: no such luck"
    assert (ended.state, ended.best) == ("succeeded", 1)


def test_a_job_whose_candidates_all_fail_fails(house: House, patch: Patch) -> None:
    def run_fold(*_: Any, **__: Any) -> FoldResult:
        raise ValueError("no luck")

    patch.setattr(crossvalidation, "run_fold", run_fold)
    job = house.post()
    house.run()
    ended = house.service.job(job.place)
    assert ended.state == "failed"
    assert ended.failure == "Every candidate failed: ValueError: no luck"
    assert ended.ended_at is not None


def test_a_cancelled_job_stops_between_folds(house: House, patch: Patch) -> None:
    job = house.post()
    deliver(house.steps, house.next())
    genuine = crossvalidation.run_fold

    def run_fold(plan: Plan, choice: Choice, **place: Any) -> FoldResult:
        house.service.cancel(job.place)
        return genuine(plan, choice, **place)

    patch.setattr(crossvalidation, "run_fold", run_fold)
    house.run()
    ended = house.service.job(job.place)
    assert ended.state == "cancelled"
    assert [one.folds_done for one in ended.candidates] == [0, 0]
    assert house.service.cancel(job.place) == ended


def test_a_job_that_registers_or_has_ended_cannot_be_cancelled(house: House, patch: Patch) -> None:
    job = house.post()
    genuine = house.world.register

    def register(model: Place, registration: Registration) -> Registered:
        with pytest.raises(DomainError, match="registering its model"):
            house.service.cancel(job.place)
        return genuine(model, registration)

    patch.setattr(house.world, "register", register)
    house.run()
    with pytest.raises(DomainError, match="has succeeded") as caught:
        house.service.cancel(job.place)
    assert isinstance(caught.value, Conflict)


def test_a_registry_that_is_away_is_asked_again_for_what_was_made_once(
    house: House, patch: Patch
) -> None:
    made: list[int] = []
    genuine = assembling.assemble

    def assemble(plan: Plan, members: list[Any], *given: Any) -> Assembled:
        made.append(len(members))
        house.world.down = True
        return genuine(plan, members, *given)

    patch.setattr(assembling, "assemble", assemble)
    job = house.post()
    while not house.service.job(job.place).members or house.queue.messages[0] != finish_step(
        job.place
    ):
        deliver(house.steps, house.next())
    for _ in range(MOST_ATTEMPTS + 1):
        with pytest.raises(DomainError, match="away"):
            deliver(house.steps, house.queue.messages[0])
    house.world.down = False
    house.files.stored.pop(str(house.service.job(job.place).snapshot))  # it is of no use any more
    house.run()
    assert (house.service.job(job.place).state, len(made)) == ("succeeded", 1)
    assert model_files(house) == files_of(house.world.registered[job.id][1])


def test_a_registry_that_refuses_fails_the_job_and_no_file_stays(house: House) -> None:
    house.world.refusal = Conflict("Model 'small' is for another task.")
    job = house.post()
    house.run()
    ended = house.service.job(job.place)
    assert (ended.state, ended.failure) == ("failed", "Model 'small' is for another task.")
    assert model_files(house) == set()


def test_a_mismatch_fails_the_job(house: House, patch: Patch) -> None:
    genuine = sessions.answers
    patch.setattr(twins, "fit", GENUINE_FIT)
    patch.setattr(assembling, "assemble", GENUINE_MODEL)
    patch.setattr(sessions, "answers", lambda session, inputs: genuine(session, inputs)[:, ::-1])
    job = house.post()
    house.run()
    ended = house.service.job(job.place)
    assert ended.state == "failed"
    assert "held-out row" in str(ended.failure)
    assert house.world.registered == {}


def test_a_crash_before_the_job_is_written_leaves_nothing(house: House, patch: Patch) -> None:
    def create(_: Job) -> bool:
        raise Killed

    patch.setattr(house.store, "create", create)
    with pytest.raises(Killed):
        house.post()
    assert (house.store.page(MAIN, 10, None), house.due.waiting) == ([], [])
    assert not house.queue.messages


@pytest.mark.parametrize("delivered", [1, 3])
def test_a_snapshot_that_is_gone_fails_the_job(house: House, delivered: int) -> None:
    job = house.post()
    for _ in range(delivered):
        deliver(house.steps, house.next())
    house.files.stored.clear()
    house.run()
    ended = house.service.job(job.place)
    assert ended.state == "failed"
    assert "was the dataset deleted meanwhile?" in str(ended.failure)


def test_a_queue_that_is_away_costs_only_time(house: House) -> None:
    house.queue.is_open = False
    job = house.post()
    assert job.state == "queued"
    house.queue.is_open = True
    house.run()
    assert house.service.job(job.place).state == "queued"
    house.clock.advance(GRACE.total_seconds())
    house.service.job(job.place)  # whoever reads it looks after it
    house.run()
    assert house.service.job(job.place).state == "succeeded"


def test_what_only_the_data_show_fails_the_job_with_a_reason(house: House) -> None:
    job = house.post(target="colour", folds=12)
    house.run()
    ended = house.service.job(job.place)
    assert ended.state == "failed"
    assert str(ended.failure).startswith("46 rows with a value of 'colour' are too few: 12 folds")


def test_a_candidate_for_another_task_fails_the_job(house: House) -> None:
    """Only the data show what a target of numbers is; of words it is known at once."""
    with pytest.raises(DomainError, match="ridge cannot do a binary task"):
        house.post(candidates=[Choice("ridge")])
    job = house.post(target="x", candidates=[Choice("logistic_regression")])
    house.run()
    failure = str(house.service.job(job.place).failure)
    assert "logistic_regression cannot do a regression task" in failure


def test_algorithms_narrow_what_is_tried_and_those_for_other_tasks_are_passed_over(
    house: House,
) -> None:
    names = ["ridge", "logistic_regression"]
    job = house.post(candidates=None, algorithms=names, trials=1)
    house.run()
    ended = house.service.job(job.place)
    assert [one.algorithm for one in ended.candidates] == ["logistic_regression"]
    assert ended.state == "succeeded"


def test_algorithms_that_fit_no_target_of_the_kind_are_refused_at_once(house: House) -> None:
    text = "'y' is of kind category: its values are classes, which ridge and elastic_net cannot "
    with pytest.raises(DomainError, match=text) as caught:
        house.post(candidates=None, algorithms=["ridge", "elastic_net"])
    assert caught.value.flaws[0].column == "algorithms"
    assert "choose among logistic_regression, random_forest" in caught.value.detail
    job = house.post(target="x", candidates=None, algorithms=["logistic_regression"])
    house.run()
    failure = str(house.service.job(job.place).failure)
    assert "logistic_regression cannot do a regression task; choose among ridge" in failure


def test_resume_queues_what_is_left(house: House) -> None:
    job = house.post()
    house.queue.messages.clear()
    house.service.resume(job.place)
    deliver(house.steps, house.next())
    house.queue.messages.clear()
    house.service.resume(job.place)
    waiting = [candidate_step(job.place, index) for index in range(2)]
    assert list(house.queue.messages) == waiting


def test_resume_writes_the_steps_that_an_earlier_release_did_not(house: House) -> None:
    job = house.post()
    house.queue.messages.clear()
    house.due.drop([start_step(job.place)])
    house.run()
    house.service.resume(job.place)
    house.run()
    assert house.service.job(job.place).state == "succeeded"
