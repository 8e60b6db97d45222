"""What a user does with jobs, over stores in memory."""

from typing import Any
from unittest.mock import Mock

import msgspec
import pytest

from functions.kit.adapters.manual_clock import ManualClock
from functions.kit.adapters.steps.memory_queue import MemoryQueue
from functions.kit.adapters.steps.memory_steps import MemorySteps
from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.errors import Away, Conflict, DomainError, Invalid, NotFound
from functions.kit.contract.records.columns import Column
from functions.kit.contract.requests.lists import ListQuery
from functions.kit.service.hints import Hints
from functions.kit.service.lookout import Lookout
from functions.training.adapters.memory_jobs import MemoryStore
from functions.training.model.requests.spec import JobRequest
from functions.training.service.checks import check_dataset
from functions.training.service.jobs import Service
from functions.training.service.ports import Dataset, Model
from tests.support.in_memory.training import MemoryFiles, World, table

COLUMNS = [
    Column("x", "number"),
    Column("y", "boolean"),
    Column("when", "datetime"),
    Column("one", "category", levels=["only"]),
]

DATA = table(COLUMNS[:2], x=[1.0, 2.0] * 50, y=[True, False] * 50)


@pytest.fixture
def service() -> Service:
    clock = ManualClock(tick=1)
    steps = MemorySteps("training", clock)
    hints = Hints(MemoryQueue())
    lookout = Lookout(steps, hints, clock)
    world = World(MemoryFiles(), small=DATA)
    return Service(MemoryStore(steps), world, hints, lookout, clock, preview=Mock())


def asking(**more: Any) -> JobRequest:
    return msgspec.convert({"dataset": "small", "target": "y", **more}, JobRequest)


def test_without_a_key_each_post_is_a_job_of_its_own(service: Service) -> None:
    assert service.create(MAIN, "ann", asking()).id != service.create(MAIN, "ann", asking()).id


def test_an_id_that_is_given_is_made_once(service: Service) -> None:
    first = service.create(MAIN, "ann", asking(), "k")
    assert service.create(MAIN, "ann", asking(), "k") == first
    assert (first.id, first.owner) == ("k", "ann")
    with pytest.raises(DomainError, match="another request") as caught:
        service.create(MAIN, "ann", asking(seed=1), "k")
    assert isinstance(caught.value, Conflict)


def test_a_data_set_that_is_away_is_not_one_that_is_not_there(service: Service) -> None:
    with pytest.raises(DomainError, match="no dataset 'other'") as caught:
        service.create(MAIN, "ann", asking(dataset="other"))
    assert isinstance(caught.value, Invalid)
    service._functions.down = True  # type: ignore[attr-defined] # the World of the test
    with pytest.raises(DomainError) as caught:
        service.create(MAIN, "ann", asking())
    assert isinstance(caught.value, Away)


@pytest.mark.parametrize(
    ("wish", "column", "text"),
    [
        ({"measure": "beauty"}, "measure", "no measure 'beauty'; choose among accuracy"),
        ({"measure": "rmse", "task": "binary"}, "measure", "no measure of a binary task"),
        ({"goal": {"best": "f1"}, "task": "multiclass"}, "goal", "Leave 'goal' out"),
        ({"goal": {"best": "recall_at_precision"}}, "goal.at", "needs 'at'"),
        ({"goal": {"best": "precision_at_recall"}}, "goal.at", "needs 'at'"),
        ({"goal": {"best": "cost"}}, "goal.costs", "needs 'costs'"),
        ({"goal": {"best": "cost", "costs": [-1, 1]}}, "goal.costs", "0 or more"),
        ({"task": "regression"}, "target", "of kind boolean, not a number"),
    ],
)
def test_what_cannot_be_had_is_refused_at_once(
    service: Service, wish: dict[str, Any], column: str, text: str
) -> None:
    with pytest.raises(DomainError, match=text) as caught:
        service.create(MAIN, "ann", asking(**wish))
    assert (type(caught.value), caught.value.flaws[0].column) == (Invalid, column)
    good = {"best": "recall_at_precision", "at": 0.9}
    service.create(MAIN, "ann", asking(goal=good, measure="average_precision"))


@pytest.mark.parametrize(
    ("state", "rows", "request_", "text"),
    [
        ("importing", 100, asking(), "is importing"),
        ("failed", 100, asking(), "is failed: no disk"),
        ("ready", 24, asking(), "has 24 rows"),
        ("ready", 100, asking(target="z"), "no column 'z'"),
        ("ready", 100, asking(target="when"), "is a datetime"),
        ("ready", 100, asking(target="one"), "in every row"),
        ("ready", 100, asking(columns=["y"]), "'y' is the target"),
        ("ready", 100, asking(columns=["q"]), "'q' is not there"),
    ],
)
def test_a_request_that_cannot_succeed_is_refused(
    state: str, rows: int, request_: JobRequest, text: str
) -> None:
    failure = "no disk" if state == "failed" else None
    with pytest.raises(DomainError, match=text) as caught:
        check_dataset(Dataset("small", state, rows, COLUMNS, failure), request_)
    assert isinstance(caught.value, Invalid)


def test_a_job_and_its_dataset_are_of_one_workspace(service: Service) -> None:
    first = service.create(MAIN, "ann", asking(), "k")
    with pytest.raises(Invalid, match="no dataset 'small'"):
        service.create("team", "ann", asking(), "k")
    world = service._functions
    assert isinstance(world, World)
    world.give(Place("team", "small"), DATA)
    other = service.create("team", "ann", asking(seed=1), "k")
    assert service.create("team", "ann", asking(seed=1), "k") == other
    assert service.job(first.place) == first
    for act in (service.job, service.cancel, service.resume):
        with pytest.raises(NotFound, match="no job 'k'"):
            act(Place("else", "k"))
    assert service.jobs("else", ListQuery()).items == []
    for one in (first, other):
        [listed] = service.jobs(one.workspace, ListQuery()).items
        assert (listed.id, listed.owner) == ("k", one.owner)


def test_pages(service: Service) -> None:
    made = [service.create(MAIN, "ann", asking()).id for _ in range(3)]
    page = service.jobs(MAIN, ListQuery(limit=2))
    assert [job.id for job in page.items] == made[:0:-1]
    last = service.jobs(MAIN, ListQuery(limit=2, cursor=page.next))
    assert ([job.id for job in last.items], last.next) == (made[:1], None)


def test_a_model_of_another_target_is_refused_before_the_work(service: Service) -> None:
    world = service._functions
    world.model = lambda place: Model("x")  # type: ignore[method-assign]

    with pytest.raises(DomainError, match="Model 'small' predicts 'x', not 'y'") as caught:
        service.create(MAIN, "ann", asking())

    assert isinstance(caught.value, Invalid)
    assert caught.value.flaws[0].column == "model"


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"algorithms": ["oracle"]}, "not in the catalogue"),
        ({"algorithms": ["ridge"], "candidates": [{"algorithm": "ridge"}]}, "either"),
        ({"algorithms": ["ridge"], "task": "binary"}, "ridge cannot do a binary task"),
    ],
)
def test_a_choice_of_algorithms_that_cannot_be_is_refused(
    service: Service, more: dict[str, Any], text: str
) -> None:
    with pytest.raises(DomainError, match=text) as caught:
        service.create(MAIN, "ann", asking(**more))
    assert isinstance(caught.value, Invalid)
