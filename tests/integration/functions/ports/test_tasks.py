"""The store of tasks: the double in memory and Firestore keep the same promises."""

import datetime as dt
from typing import NamedTuple
from uuid import uuid4

import pytest
from msgspec.structs import replace

from functions.kit.adapters.clock import SystemClock
from functions.kit.adapters.steps.firestore_steps import FirestoreSteps
from functions.kit.adapters.steps.memory_steps import MemorySteps
from functions.kit.contract import steps
from functions.kit.contract.errors import NotFound, Unreadable
from functions.kit.contract.identity import RIGHTS, Caller, Subject
from functions.kit.contract.ports import StepStore
from functions.kit.contract.steps import Lease, Step, Superseded
from functions.kit.contract.workspaces import MAIN, Place
from functions.prediction.adapters.tasks.firestore_tasks import Tasks
from functions.prediction.adapters.tasks.memory_tasks import MemoryTasks
from functions.prediction.model.tasks import changes
from functions.prediction.model.tasks.due import due, forget_step, run_step, sweep_step
from functions.prediction.model.tasks.task import Call, Result, Task
from functions.prediction.service.tasks.ports import TaskStore

NOON = dt.datetime(2020, 1, 31, 12, 0, 0, 123456, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
ANN = Caller(
    name="ann",
    kind="key",
    workspace=MAIN,
    account="ann",
    rights=RIGHTS["viewer"],
    only=Subject("model", "people"),
    plan="small",
    key="k",
)
CALL = Call("champion", "/models/people/predict", "a=b", "text/csv", {"HTTP_ACCEPT": "*/*"}, "d")
RESULT = Result(200, "text/csv", {"X-Model-Version": "3"}, "path", 7)


class Kept(NamedTuple):
    """The tasks, and the steps that are due for them."""

    tasks: TaskStore
    steps: StepStore

    def take(self, step: Step) -> Lease:
        """Take a step."""
        self.steps.change(step, lambda found: steps.take(found, "ours", NOON))
        return Lease(step, "ours")

    def waits_for(self, step: Step) -> dt.datetime | None:
        """Return when a step is looked at; None where it is not due."""
        [found] = self.steps.find([step])
        return None if found is None else found.look_at


@pytest.fixture(params=["memory", "firestore"])
def kept(request: pytest.FixtureRequest) -> Kept:
    if request.param == "memory":
        memory = MemorySteps("prediction", SystemClock())
        return Kept(MemoryTasks(memory), memory)
    request.getfixturevalue("emulators")
    stored = FirestoreSteps("prediction", SystemClock())
    return Kept(Tasks(stored), stored)


def new(
    model: str = "people", owner: str = "ann", workspace: str = MAIN, at: dt.datetime = NOON
) -> Task:
    return Task(
        id=uuid4().hex,
        workspace=workspace,
        model=model,
        owner=owner,
        caller=ANN,
        call=CALL,
        body="body",
        created_at=at,
        expires_at=at + DAY,
    )


def test_a_task_is_what_was_written(kept: Kept) -> None:
    task = new()
    assert kept.tasks.find(task.place) is None
    with pytest.raises(NotFound):
        kept.tasks.load(task.place)
    assert kept.tasks.create(task)
    assert not kept.tasks.create(replace(task, model="cats"))
    assert kept.tasks.load(task.place) == task
    lease = kept.take(run_step(task.place))
    running = kept.tasks.update(task.place, lambda one: changes.begin(one, NOON), lease)
    assert (running.state, kept.tasks.load(task.place)) == ("running", running)
    ended = kept.tasks.update(task.place, lambda one: changes.end(one, RESULT, NOON, DAY), lease)
    assert (
        kept.tasks.load(task.place)
        == ended
        == replace(running, state="succeeded", result=RESULT, ended_at=NOON, expires_at=NOON + DAY)
    )
    assert kept.waits_for(run_step(task.place)) is None
    with pytest.raises(Superseded):
        kept.tasks.update(task.place, lambda one: one, lease)


def test_steps_wait_for_their_time(kept: Kept) -> None:
    task = new()
    kept.tasks.create(task)
    kept.tasks.update(task.place, lambda one: changes.end(one, RESULT, NOON, DAY))
    assert kept.waits_for(sweep_step(task.place)) == NOON + DAY
    lease = kept.take(sweep_step(task.place))
    kept.tasks.update(task.place, changes.swept, lease)
    assert kept.waits_for(sweep_step(task.place)) is None
    assert kept.waits_for(forget_step(task.place)) == NOON + 2 * DAY


def test_what_is_to_go_waits_for_nothing(kept: Kept) -> None:
    task = new(owner=uuid4().hex)
    kept.tasks.create(task)
    kept.tasks.update(task.place, lambda one: changes.end(one, RESULT, NOON, 99999 * DAY))
    begun = kept.take(sweep_step(task.place))
    removed = kept.tasks.update(task.place, lambda one: changes.give_up(one, NOON, DAY))
    look_at = kept.waits_for(due(removed).step)
    assert look_at is not None
    assert look_at < NOON + 99999 * DAY
    with pytest.raises(Superseded):  # who swept what had expired has it no more
        kept.tasks.remove(task.place, begun)
    assert kept.tasks.page(Place(MAIN, "people"), task.owner, 9, None) == []
    kept.tasks.remove(task.place, kept.take(sweep_step(task.place)))
    assert kept.tasks.find(task.place) is None
    assert kept.waits_for(sweep_step(task.place)) is None


def test_a_lost_step_is_written_again(kept: Kept) -> None:
    task = new()
    kept.tasks.create(task)
    kept.tasks.restore_step(task.place)
    assert kept.waits_for(run_step(task.place)) is not None
    with pytest.raises(NotFound):
        kept.tasks.restore_step(Place(MAIN, uuid4().hex))


def test_an_owners_tasks_are_listed_newest_first(kept: Kept) -> None:
    workspace = f"w{uuid4().hex[:8]}"
    made = [
        new(at=NOON + dt.timedelta(microseconds=place), workspace=workspace) for place in range(5)
    ]
    others = [new("peoples", workspace=workspace), new(owner="anna", workspace=workspace), new()]
    for task in (*made, *others):
        kept.tasks.create(task)
    model, newest = Place(workspace, "people"), made[::-1]
    assert kept.tasks.page(model, "ann", 10, None) == newest
    assert kept.tasks.page(model, "ann", 2, newest[1].id) == newest[2:4]
    assert kept.tasks.page(model, "nobody", 9, None) == []
    for unknown in (uuid4().hex, others[1].id):
        with pytest.raises(Unreadable):
            kept.tasks.page(model, "ann", 2, unknown)
