"""Tasks give what calls give at once, to who made them alone, for as long as is said."""

import datetime as dt
from typing import Any

import msgspec
import pytest
from flask import Response

from functions.kit.contract.access.identity import Subject
from functions.kit.contract.access.workspaces import MAIN
from functions.kit.contract.errors import (
    Away,
    Conflict,
    Gone,
    Invalid,
    NotFound,
    TooLarge,
    Unreadable,
)
from functions.kit.contract.requests.pages import PageQuery
from functions.kit.http.responses.answers import Answer
from functions.kit.http.responses.problems import Problem
from functions.prediction.adapters.predictor import Predictor
from functions.prediction.model.tasks.task import Task
from functions.prediction.service.predictions import Service
from functions.prediction.transport.prefer import is_async
from functions.prediction.transport.tasks.views import view
from tests.support.in_memory.task_house import ANN, BOB, DAY, RECORD, House

ROWS = {"records": [RECORD, {**RECORD, "sex": "male"}]}
LINES = b"\n".join(msgspec.json.encode({**RECORD, "age": age}) for age in range(2500))


@pytest.fixture(name="house")
def _house() -> House:
    return House()


def result_of(
    house: House, task: Task, caller: Any = ANN
) -> tuple[int, str, dict[str, str], bytes]:
    result, body = house.tasks.result(caller, "people", task.id)
    data = b"".join(body)
    assert len(data) == result.bytes
    return result.status, result.content_type, result.headers, data


def plain(found: Answer | Response) -> tuple[int, str, dict[str, str], bytes]:
    if isinstance(found, Answer):
        return found.status, found.content_type, found.headers, found.body
    headers = {name: text for name, text in found.headers if name != "Content-Type"}
    return found.status_code, str(found.content_type), headers, b"".join(found.iter_encoded())


def unnamed(house: House, answer: tuple[int, str, dict[str, str], bytes], place: int) -> Any:
    """Return an answer without the id that each has for itself: that of the log's call there."""
    status, kind, headers, data = answer
    known = house.log.made[place].id
    shown = {name: text.replace(known, "ID") for name, text in headers.items()}
    return status, kind, shown, data.replace(known.encode(), b"ID")


@pytest.mark.parametrize(
    ("data", "options"),
    [
        (ROWS, {}),
        (ROWS, {"query_string": "explain=false&warnings=false"}),
        (ROWS, {"headers": {"Accept": "text/csv"}}),
        (b"age,rooms,sex\n3,1,male\n,2,female\n", {"content_type": "text/csv; charset=utf-8"}),
        (LINES[:200], {"content_type": "application/jsonl", "headers": {"Accept": "*/*"}}),
    ],
    ids=["json", "options", "accept", "csv", "lines"],
)
def test_a_task_gives_what_the_call_gives_at_once(
    house: House, data: Any, options: dict[str, Any]
) -> None:
    if isinstance(data, bytes) and data.startswith(b"{"):
        data = data[: data.rindex(b"\n")]
    taken = house.post(data, **options)
    assert taken.status == 202
    shown = msgspec.json.decode(taken.body)
    assert taken.headers == {
        "Location": f"tasks/{shown['id']}",
        "Preference-Applied": "respond-async",
    }
    assert (shown["state"], shown["path"]) == ("queued", f"/models/people/tasks/{shown['id']}")
    assert house.log.made == []
    house.run()
    task = house.task(taken)
    assert (task.state, len(house.log.made)) == ("succeeded", 1)
    assert house.log.made[0].caller == ANN
    at_once = plain(house.at_once(data, **options))
    assert unnamed(house, result_of(house, task), 0) == unnamed(house, at_once, 1)


def test_lines_without_end_are_answered_as_a_stream_is(house: House) -> None:
    house.predicting.max_bytes = len(LINES)
    taken = house.post(LINES, content_type="application/jsonl")
    house.run()
    status, kind, _, data = result_of(house, house.task(taken))
    assert (status, kind, data.count(b"\n")) == (200, "application/jsonl", 2500)
    assert [len(made.rows) for made in house.log.made] == [1000, 1000, 500]


@pytest.mark.parametrize(
    ("data", "options", "error"),
    [
        (b"{", {"content_type": "application/json"}, Unreadable),
        ({"records": [{**RECORD, "sex": 3}]}, {}, Invalid),
        ({"records": []}, {}, Invalid),
        (b"", {"content_type": "application/jsonl"}, Invalid),
        (ROWS, {"headers": {"Accept": "image/png"}}, Problem),
        (ROWS, {"headers": {"X-Delivery": "soon"}}, Unreadable),
        (ROWS, {"reference": 9}, NotFound),
        (ROWS, {"key": " "}, Unreadable),
        (b"x" * 4097, {"content_type": "application/json"}, TooLarge),
        (ROWS, {"query_string": "explained=true"}, Invalid),
    ],
)
def test_what_is_wrong_is_said_at_once(
    house: House, data: Any, options: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        house.post(data, **options)
    assert house.files.stored == {}
    assert house.due.waiting == []


def test_a_plan_bounds_tasks_as_calls(house: House) -> None:
    with pytest.raises(Invalid, match="4 rows"):
        house.post({"records": [RECORD] * 4}, BOB)
    with pytest.raises(TooLarge, match="small"):
        house.post({"records": [RECORD] * 3, "options": {}, "x": "y" * 900}, BOB)
    first, second = (house.post({"records": [RECORD] * 2}, BOB, key=key) for key in ("1", "2"))
    house.run()
    states = [house.task(taken).state for taken in (first, second)]
    assert sorted(states) == ["running", "succeeded"]  # the other waits for its minute
    house.run(until=dt.timedelta(minutes=3))
    assert [house.task(taken).state for taken in (first, second)] == ["succeeded"] * 2


def test_a_refusal_is_a_result_with_its_reason(house: House) -> None:
    taken = house.post({"records": [RECORD], "options": {"explain": True}})
    house.run()
    task = house.task(taken)
    assert task.state == "failed"
    status, kind, _, data = result_of(house, task)
    assert (status, kind) == (409, "application/problem+json")
    problem = view(task).problem
    assert problem is not None
    assert msgspec.json.encode(problem) == data
    assert (problem.status, problem.instance) == (409, "/models/people/predict")
    assert "background" in problem.detail


def test_a_model_that_fails_is_a_500(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = house.post(ROWS)
    monkeypatch.setattr(Predictor, "predict", lambda *_: 1 / 0)
    house.run()
    status, _, _, data = result_of(house, house.task(taken))
    assert (status, b"its log says why" in data) == (500, True)


def test_what_may_be_mended_is_tried_again(house: House) -> None:
    taken = house.post(ROWS)
    house.files.is_full = True
    house.run()
    assert house.task(taken).state == "running"
    house.files.is_full = False
    house.run(until=dt.timedelta(minutes=5))
    assert house.task(taken).state == "succeeded"


def test_what_is_never_mended_fails_when_its_time_is_over(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_away(*_: Any) -> None:
        raise Away("The registry is away.")

    taken = house.post(ROWS)
    monkeypatch.setattr(Service, "choose", is_away)
    house.run()
    assert house.task(taken).state == "running"
    house.run(until=DAY)
    status, _, _, data = result_of(house, house.task(taken))
    assert (status, b"registry is away" in data) == (503, True)


def test_a_task_is_its_owners_alone(house: House) -> None:
    task = house.task(house.post(ROWS))
    house.run()
    key = msgspec.structs.replace(ANN, name="another key", only=Subject("model", "people"))
    assert result_of(house, task, key)[0] == 200
    other = msgspec.structs.replace(ANN, workspace="south")
    for caller in (BOB, other):
        for ask in (house.tasks.task, house.tasks.result, house.tasks.end):
            with pytest.raises(NotFound, match=f"no task '{task.id}'"):
                ask(caller, "people", task.id)
        assert house.tasks.tasks(caller, "people", PageQuery()).items == []
    with pytest.raises(NotFound):
        house.tasks.task(ANN, "cats", task.id)


def test_the_newest_of_ones_own_come_first(house: House) -> None:
    made = []
    for _ in range(3):
        house.clock.advance(1)
        made.append(house.task(house.post(ROWS)).id)
    house.post(ROWS, BOB)
    page = house.tasks.tasks(ANN, "people", PageQuery(limit=2))
    assert [task.id for task in page.items] == made[:0:-1]
    rest = house.tasks.tasks(ANN, "people", PageQuery(cursor=page.next))
    assert [task.id for task in rest.items] == made[:1]


def test_the_same_key_is_the_same_task(house: House) -> None:
    first, again = house.post(ROWS, key="k"), house.post(ROWS, key="k")
    assert again == first
    house.run()
    assert house.task(house.post(ROWS, key="k")).state == "succeeded"
    assert len(house.log.made) == 1
    for other in (
        {"data": {"records": [RECORD]}},
        {"data": ROWS, "query_string": "warnings=false"},
    ):
        with pytest.raises(Conflict, match="another request"):
            house.post(**other, key="k")
    assert house.task(house.post(ROWS, BOB, key="k")).owner == "bob"


def test_a_task_that_has_not_ended_can_be_cancelled(house: House) -> None:
    task = house.task(house.post(ROWS))
    with pytest.raises(Conflict, match="queued"):
        house.tasks.result(ANN, "people", task.id)
    house.tasks.end(ANN, "people", task.id)
    house.run()
    assert house.tasks.task(ANN, "people", task.id).state == "cancelled"
    assert house.log.made == []
    with pytest.raises(Conflict, match="cancelled"):
        house.tasks.result(ANN, "people", task.id)


def test_one_that_has_ended_is_removed_with_its_files(house: House) -> None:
    task = house.task(house.post(ROWS))
    house.run()
    assert len(house.files.stored) == 2
    house.tasks.end(ANN, "people", task.id)
    with pytest.raises(NotFound):
        house.tasks.task(ANN, "people", task.id)
    assert house.tasks.tasks(ANN, "people", PageQuery()).items == []
    house.run()
    assert (house.files.stored, house.store.find(task.place), house.due.waiting) == ({}, None, [])


def test_results_expire_and_are_forgotten(house: House) -> None:
    task = house.task(house.post(ROWS))
    house.run()
    ended = house.store.load(task.place).ended_at
    assert ended is not None
    house.clock.advance((ended + DAY - house.clock.now()).total_seconds() - 1)
    assert result_of(house, task)[0] == 200
    house.clock.advance(1)
    with pytest.raises(Gone, match="expired"):  # before anybody swept
        house.tasks.result(ANN, "people", task.id)
    house.run(until=dt.timedelta(hours=1))
    assert house.files.stored == {}
    with pytest.raises(Gone, match="expired"):
        house.tasks.result(ANN, "people", task.id)
    assert house.tasks.task(ANN, "people", task.id).state == "succeeded"
    house.run(until=2 * DAY)
    assert (house.store.find(task.place), house.due.waiting) == (None, [])


def test_who_answers_looks_for_what_has_expired(house: House) -> None:
    """As much as is asked for is swept, whatever a schedule does."""
    old = [house.task(house.post(ROWS)) for _ in range(3)]
    house.run()
    house.clock.advance(DAY.total_seconds())
    house.post(ROWS)
    while house.queue.messages:
        house.deliver(house.queue.messages.popleft().path)
    assert [house.store.load(task.place).is_swept for task in old] == [True] * 3


def test_a_step_before_its_time_does_nothing(house: House) -> None:
    task = house.task(house.post(ROWS))
    house.run()
    house.steps.sweep(task.place)
    assert len(house.files.stored) == 2
    house.run(until=dt.timedelta(minutes=5))
    assert result_of(house, task)[0] == 200


def test_a_body_that_is_gone_is_said_to_be(house: House) -> None:
    taken = house.post(ROWS)
    house.files.delete(house.task(taken).body)
    house.run()
    problem = view(house.task(taken)).problem
    assert problem is not None
    assert (problem.status, "gone from the bucket" in problem.detail) == (500, True)


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("respond-async", True),
        ("Respond-Async", True),
        ("return=minimal, respond-async;x=1 , wait=10", True),
        ("respond-async=1", True),
        ("wait=10", False),
        ("respond-asynchronously", False),
        ('foo="respond-async"', False),
        ("", False),
    ],
)
def test_what_callers_prefer_is_read(said: str, wanted: bool) -> None:
    assert is_async(said) == wanted


@pytest.mark.parametrize(
    ("path", "up"),
    [
        ("/models/people/predict", ""),
        ("/models/people/versions/2/predict", "../../"),
        ("/models/people/aliases/champion/predict", "../../"),
    ],
)
def test_where_a_task_is_is_said_as_seen_from_its_call(house: House, path: str, up: str) -> None:
    taken = house.post(ROWS, path=path)
    assert taken.headers["Location"] == f"{up}tasks/{house.task(taken).id}"
    assert house.task(taken).workspace == MAIN
