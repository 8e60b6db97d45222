"""What a job would do, told before there is one: the same that it then does."""

from typing import Any

import msgspec
import pytest

from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.errors import Invalid
from functions.training.model.requests.spec import JobRequest
from functions.training.model.transitions import next_steps
from tests.support.in_memory.training import changed, deliver, heart, titanic
from tests.support.in_memory.training_house import House, learn_once


@pytest.fixture
def house() -> House:
    house = House()
    house.world.give(Place(MAIN, "titanic"), titanic())
    return house


def asking(**more: Any) -> JobRequest:
    return msgspec.convert({"dataset": "titanic", "target": "survived", **more}, JobRequest)


def test_it_tells_rows_columns_and_search(house: House) -> None:
    told = house.service.plan(MAIN, asking())
    assert (told.task, told.labels, told.positive) == ("binary", ["0", "1"], "1")
    assert (told.measure, told.folds, told.seconds) == ("roc_auc", 5, 15.0)
    rows = told.rows
    assert (rows.total, rows.train, rows.held_out, rows.left_out) == (1309, 1047, 262, {})
    used = {one.column: one.used for one in told.columns}
    assert used["sex"]
    assert list(used) == [one.name for one in titanic().columns if one.name != "survived"]
    assert all(one.reason for one in told.columns)
    assert told.candidates == 10
    assert told.algorithms[0] == "lightgbm"


def test_nothing_is_kept_but_the_snapshot(house: House) -> None:
    house.service.plan(MAIN, asking())
    assert not house.queue.messages
    assert not house.store.page(MAIN, 10, None)
    assert {path.partition("/")[0] for path in house.files.stored} == {"snapshots"}


def test_the_job_then_does_the_same(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    learn_once(monkeypatch)
    request = asking(budget="balanced", measure="accuracy", folds=3, holdout=0.3)
    told = house.service.plan(MAIN, request)
    job = house.service.create(MAIN, "ann", request)
    deliver(house.steps, house.next())
    job = house.service.job(job.place)
    assert next_steps(job).candidates
    assert (job.task, job.revision, job.rungs) == (told.task, told.revision, told.rungs)
    assert (len(job.candidates), job.rows) == (told.candidates, told.rows.train)
    assert list(dict.fromkeys(one.algorithm for one in job.candidates)) == told.algorithms


def test_choices_show(house: House) -> None:
    choices = {"roles": {"sex": "ignore", "ticket": "group"}, "algorithms": ["ridge"]}
    told = house.service.plan(MAIN, asking(target="fare", trials=3, seconds=40, **choices))
    why = {one.column: one.reason for one in told.columns if not one.used}
    assert why["sex"] == "to be ignored"
    assert (told.split.by, told.split.column) == ("group", "ticket")
    assert (told.task, told.labels, told.positive) == ("regression", [], None)
    assert (told.algorithms, told.candidates, told.seconds) == (["ridge"], 2, 40)
    assert sum(told.rows.left_out.values()) == 1
    assert told.rows.total == 1309
    assert any("'ticket'" in note for note in told.notes)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"dataset": "nowhere"}, "no dataset 'nowhere'"),
        ({"target": "name"}, "'name'"),
        ({"measure": "rmse"}, "rmse"),
        ({"roles": {"gone": "ignore"}}, "no column 'gone'"),
        ({"split": {"by": "time", "column": "sex"}}, "needs dates or numbers"),
        ({"positive": "2"}, "no label '2'"),
    ],
)
def test_what_would_end_the_job_is_refused_as_there(
    house: House, more: dict[str, Any], said: str
) -> None:
    with pytest.raises(Invalid) as caught:
        house.service.plan(MAIN, asking(**more))
    texts = [caught.value.detail, *(flaw.reason for flaw in caught.value.flaws)]
    assert said in "; ".join(texts)


def test_rows_that_cannot_be_learnt_from_are_counted_and_said(house: House) -> None:
    truth = [None] * 3 + heart().values["heart_disease"][3:]
    house.world.give(Place(MAIN, "heart"), changed(heart(), heart_disease=truth))
    told = house.service.plan(MAIN, asking(dataset="heart", target="heart_disease"))
    assert told.rows.left_out == {"without_target": 3}
    assert told.rows.train + told.rows.held_out == 300


def test_what_a_column_is_of_is_told(house: House) -> None:
    told = house.service.plan(MAIN, asking())
    kinds = {one.column: one.kind for one in told.columns}
    assert (kinds["age"], kinds["sex"], kinds["name"]) == ("number", "category", "text")
