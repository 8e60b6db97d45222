"""Stores of what steps work at: in memory and in Firestore, of every kind, the same promises."""

import datetime as dt
from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from msgspec.structs import replace

from functions.kit.adapters.clock import SystemClock
from functions.kit.adapters.steps.firestore_steps import FirestoreSteps
from functions.kit.adapters.steps.memory_stepped import MemoryStepped
from functions.kit.adapters.steps.memory_steps import MemorySteps
from functions.kit.adapters.steps.stepped_documents import SteppedDocuments
from functions.kit.contract import steps
from functions.kit.contract.access.identity import RIGHTS, Caller, Subject
from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.errors import NotFound, Unreadable
from functions.kit.contract.ports import StepStore
from functions.kit.contract.stepped import Kind, SteppedStore
from functions.kit.contract.steps import Lease, Step, Superseded
from functions.prediction.model.batches import changes as batch_changes
from functions.prediction.model.batches.batch import Batch, Output, Part, Source
from functions.prediction.model.batches.due import part_step
from functions.prediction.model.batches.kind import BATCH
from functions.prediction.model.tasks import changes as task_changes
from functions.prediction.model.tasks.due import forget_step, sweep_step
from functions.prediction.model.tasks.kind import TASK
from functions.prediction.model.tasks.task import Call, Result, Task
from functions.reports.model import changes as report_changes
from functions.reports.model.kind import REPORT
from functions.reports.model.report import Report, ReportFile
from functions.reports.model.report import Subject as About

NOON = dt.datetime(2020, 1, 31, 12, 0, 0, 123456, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
NOBODY = "of-no-function"
"""Whose steps they are: what is left due here must be taken up by no function of another test."""
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
FILE = ReportFile("path", 7)
PARTS = [Part("p", place, 1, 0, place * 9, 9) for place in range(20)]


class Sort(NamedTuple):
    """A kind, and how one comes to be, gets on, ends and goes.

    Attributes:
        kind: as stores know it.
        make: one of a model, of an owner, in a workspace, made at a time.
        lists: the list of a model, and an owner.
        changes: from made to removed, one after the other; the first leaves it open.
    """

    kind: Kind[Any]
    make: Callable[[str, str, str, dt.datetime], Any]
    lists: Callable[[str, str], tuple[str, ...]]
    changes: tuple[Callable[[Any], Any], ...]


def task(model: str, owner: str, workspace: str, at: dt.datetime) -> Task:
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


def batch(model: str, owner: str, workspace: str, at: dt.datetime) -> Batch:
    return Batch(
        id=uuid4().hex,
        workspace=workspace,
        model=model,
        uid="u",
        version=3,
        account=owner,
        plan="unlimited",
        by="ann",
        source=Source("town", 4),
        output=Output("csv", join=True),
        created_at=at,
    )


def report(model: str, owner: str, workspace: str, at: dt.datetime) -> Report:
    return Report(
        id=uuid4().hex,
        workspace=workspace,
        owner=owner,
        by="ann",
        subject=About("model", model, 3),
        forms=["notebook", "pdf"],
        created_at=at,
    )


SORTS = {
    "task": Sort(
        TASK,
        task,
        lambda model, owner: (model, owner),
        (
            lambda one: task_changes.begin(one, NOON),
            lambda one: task_changes.end(one, RESULT, NOON, DAY),
            lambda one: task_changes.give_up(one, NOON, DAY),
        ),
    ),
    "batch": Sort(
        BATCH,
        batch,
        lambda model, _: (model,),
        (
            lambda one: batch_changes.start(one, Source("town", 4, "x"), PARTS, NOON),
            lambda one: batch_changes.cancel(one, NOON),
            batch_changes.remove,
        ),
    ),
    "report": Sort(
        # All of a workspace are in one list; the tests of lists want several.
        replace(REPORT, list_of=lambda one: () if one.is_removed else (one.subject.name,)),
        report,
        lambda model, _: (model,),
        (
            lambda one: report_changes.gathered(one, FILE, "data", 4, 0.5),
            lambda one: report_changes.failed(one, "too large", NOON),
            report_changes.removed,
        ),
    ),
}


class Kept(NamedTuple):
    """Things of a sort in a store, and the steps that are due for them."""

    sort: Sort
    store: SteppedStore[Any]
    steps: StepStore

    def new(
        self, model: str = "people", owner: str = "ann", workspace: str = MAIN, at: int = 0
    ) -> Any:
        """Return one that is not kept yet, made so many microseconds after noon."""
        return self.sort.make(model, owner, workspace, NOON + dt.timedelta(microseconds=at))

    def take(self, step: Step) -> Lease:
        """Take a step."""
        taken = self.steps.change(step, lambda found: steps.take(found, "ours", NOON))
        assert taken is not None
        return Lease(step, "ours")

    def due(self, thing: Any) -> list[Step]:
        """Return the steps that are due for one, which are kept."""
        found = [one.step for one in self.sort.kind.due(thing)]
        assert None not in self.steps.find(found)
        return found

    def waits_for(self, step: Step) -> dt.datetime | None:
        """Return when a step is looked at; None where it is not due."""
        [found] = self.steps.find([step])
        return None if found is None else found.look_at


def opened(request: pytest.FixtureRequest, sort: Sort, where: str) -> Kept:
    if where == "memory":
        memory = MemorySteps(NOBODY, SystemClock())
        return Kept(sort, MemoryStepped(sort.kind, memory), memory)
    request.getfixturevalue("emulators")
    stored = FirestoreSteps(NOBODY, SystemClock())
    return Kept(sort, SteppedDocuments(sort.kind, stored), stored)


@pytest.fixture(params=["memory", "firestore"])
def where(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[*SORTS])
def kept(request: pytest.FixtureRequest, where: str) -> Kept:
    return opened(request, SORTS[request.param], where)


@pytest.fixture
def tasks(request: pytest.FixtureRequest, where: str) -> Kept:
    return opened(request, SORTS["task"], where)


@pytest.fixture
def batches(request: pytest.FixtureRequest, where: str) -> Kept:
    return opened(request, SORTS["batch"], where)


def test_a_thing_is_what_was_written(kept: Kept) -> None:
    thing = kept.new()
    assert kept.store.find(thing.place) is None
    with pytest.raises(NotFound):
        kept.store.load(thing.place)
    assert kept.store.create(thing)
    assert not kept.store.create(replace(kept.new("cats"), id=thing.id))
    assert kept.store.load(thing.place) == thing
    for change in kept.sort.changes:
        before = kept.due(thing)
        changed = kept.store.update(thing.place, change)
        assert changed == change(thing) != thing
        assert kept.store.load(thing.place) == changed
        over = [step for step in before if step not in kept.due(changed)]
        assert [one for one in kept.steps.find(over) if one is not None] == []
        thing = changed


def test_a_change_to_nothing_leaves_all_as_it_is(kept: Kept) -> None:
    thing = kept.new()
    kept.store.create(thing)
    lease = kept.take(kept.due(thing)[0])
    assert kept.store.update(thing.place, lambda one: one, lease) == thing
    assert kept.store.load(thing.place) == thing
    kept.store.update(thing.place, lambda one: one, lease)  # which is held still


def test_what_is_not_there_cannot_be_changed(kept: Kept) -> None:
    nowhere = Place(MAIN, uuid4().hex)
    with pytest.raises(NotFound):
        kept.store.update(nowhere, lambda one: one)
    with pytest.raises(NotFound):
        kept.store.restore_steps(nowhere)
    with pytest.raises(NotFound):
        kept.store.load(Place(MAIN, "no/name"))


def test_only_who_has_a_step_changes_things_by_it(kept: Kept) -> None:
    thing = kept.new()
    kept.store.create(thing)
    [step] = kept.due(thing)
    lease = kept.take(step)
    with pytest.raises(Superseded):
        kept.store.update(thing.place, kept.sort.changes[1], Lease(step, "other"))
    assert kept.store.load(thing.place) == thing
    ended = kept.store.update(thing.place, kept.sort.changes[1], lease)
    assert step not in kept.due(ended)
    with pytest.raises(Superseded):  # it is done
        kept.store.update(thing.place, lambda one: one, lease)


def test_lost_steps_are_written_again_and_those_that_are_kept_stay(kept: Kept) -> None:
    thing = kept.new()
    kept.store.create(thing)
    [step] = kept.due(thing)
    kept.take(step)
    assert kept.store.restore_steps(thing.place) == thing
    [found] = kept.steps.find([step])
    assert found is not None
    assert found.holder == "ours"
    lose(kept, step)
    assert kept.steps.find([step]) == [None]
    assert kept.store.restore_steps(thing.place) == thing
    assert kept.due(thing) == [step]


def lose(kept: Kept, step: Step) -> None:
    """Lose a step, as a store that comes back from a copy would."""
    if isinstance(kept.steps, MemorySteps):
        kept.steps.drop([step])
    else:
        assert isinstance(kept.steps, FirestoreSteps)
        kept.steps.reference(step).delete()


def test_what_is_to_go_goes_by_who_has_its_step(kept: Kept) -> None:
    thing = kept.new()
    kept.store.create(thing)
    removed = kept.store.update(thing.place, kept.sort.changes[1])
    removed = kept.store.update(thing.place, kept.sort.changes[2])
    [step] = kept.due(removed)
    with pytest.raises(Superseded):
        kept.store.remove(thing.place, Lease(step, "ours"))
    kept.store.remove(thing.place, kept.take(step))
    assert kept.store.find(thing.place) is None
    assert kept.steps.find([step]) == [None]


def test_a_list_is_newest_first(kept: Kept) -> None:
    workspace = f"w{uuid4().hex[:8]}"
    made = [kept.new(at=place, workspace=workspace) for place in range(5)]
    models = ("peoples", "people-2", "peopl")
    others = [kept.new(model, workspace=workspace) for model in models]
    for one in (*made, *others, kept.new()):
        kept.store.create(one)
    listed, newest = kept.sort.lists("people", "ann"), made[::-1]
    assert kept.store.page(workspace, listed, 10, None) == newest
    assert kept.store.page(workspace, listed, 2, None) == newest[:2]
    assert kept.store.page(workspace, listed, 2, newest[1].id) == newest[2:4]
    assert kept.store.page(workspace, kept.sort.lists("nobody", "ann"), 9, None) == []
    for unknown in (uuid4().hex, others[1].id):
        with pytest.raises(Unreadable):
            kept.store.page(workspace, listed, 2, unknown)


def test_those_of_one_time_are_listed_by_their_ids(kept: Kept) -> None:
    workspace = f"w{uuid4().hex[:8]}"
    made = [kept.new(workspace=workspace) for _ in range(4)]
    for one in made:
        kept.store.create(one)
    listed = kept.store.page(workspace, kept.sort.lists("people", "ann"), 9, None)
    assert [one.id for one in listed] == sorted(one.id for one in made)


def test_an_owners_open_things_are_counted(kept: Kept) -> None:
    workspace, elsewhere = f"w{uuid4().hex[:8]}", f"w{uuid4().hex[:8]}"
    made = [kept.new(model, workspace=workspace) for model in ("people", "people", "cats")]
    others = [kept.new(owner="anna", workspace=workspace), kept.new(workspace=elsewhere)]
    for one in (*made, *others, kept.new(owner="", workspace=workspace)):
        kept.store.create(one)
    assert kept.store.open(workspace, "ann", 10) == 3  # of all models
    assert kept.store.open(workspace, "ann", 3) == 3
    assert kept.store.open(workspace, "ann", 2) == 2  # counted no further
    assert kept.store.open(workspace, "anna", 10) == kept.store.open(elsewhere, "ann", 10) == 1
    assert kept.store.open(workspace, "nobody", 10) == kept.store.open(workspace, "", 10) == 0
    begin, end, remove = kept.sort.changes
    kept.store.update(made[0].place, begin)
    assert kept.store.open(workspace, "ann", 10) == 3
    kept.store.update(made[0].place, end)
    assert kept.store.open(workspace, "ann", 10) == 2
    kept.store.update(made[0].place, remove)
    assert kept.store.open(workspace, "ann", 10) == 2


def test_an_owner_sees_their_own_tasks_alone(tasks: Kept) -> None:
    owner = uuid4().hex
    mine, other, going = (
        tasks.new(owner=owner),
        tasks.new(owner=f"{owner}a"),
        tasks.new(owner=owner),
    )
    for one in (mine, other, going):
        tasks.store.create(one)
    for change in tasks.sort.changes:
        tasks.store.update(going.place, change)
    assert tasks.store.page(MAIN, ("people", owner), 9, None) == [mine]  # what is to go is in none
    for unknown in (other.id, going.id):
        with pytest.raises(Unreadable):
            tasks.store.page(MAIN, ("people", owner), 9, unknown)


def test_steps_wait_for_their_time(tasks: Kept) -> None:
    one = tasks.new()
    tasks.store.create(one)
    tasks.store.update(one.place, lambda one: task_changes.end(one, RESULT, NOON, DAY))
    assert tasks.waits_for(sweep_step(one.place)) == NOON + DAY
    tasks.store.update(one.place, task_changes.swept, tasks.take(sweep_step(one.place)))
    assert tasks.waits_for(sweep_step(one.place)) is None
    assert tasks.waits_for(forget_step(one.place)) == NOON + 2 * DAY


def test_a_step_that_waits_for_another_time_begins_anew(tasks: Kept) -> None:
    one, late = tasks.new(), 99999 * DAY
    tasks.store.create(one)
    tasks.store.update(one.place, lambda one: task_changes.end(one, RESULT, NOON, late))
    begun = tasks.take(sweep_step(one.place))
    tasks.store.update(one.place, lambda one: task_changes.give_up(one, NOON, DAY))
    look_at = tasks.waits_for(sweep_step(one.place))
    assert look_at is not None
    assert look_at < NOON + late
    with pytest.raises(Superseded):  # who swept what had expired has it no more
        tasks.store.remove(one.place, begun)


def test_parts_that_end_let_others_begin(batches: Kept) -> None:
    one = batches.new()
    batches.store.create(one)
    begun = batches.store.update(one.place, batches.sort.changes[0])
    steps_of = [part_step(one.place, place) for place in range(17)]
    assert batches.due(begun) == steps_of[:16]
    assert batches.waits_for(steps_of[16]) is None
    lease = batches.take(steps_of[2])
    ended = batches.store.update(
        one.place, lambda one: batch_changes.end_part(one, 2, "path", 5), lease
    )
    assert ended.parts[2] == replace(PARTS[2], done="path", refused=5)
    assert batches.waits_for(steps_of[2]) is None
    assert batches.waits_for(steps_of[16]) is not None
    with pytest.raises(Superseded):
        batches.store.update(one.place, lambda one: one, lease)
