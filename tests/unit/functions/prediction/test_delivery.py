"""Predictions on disk before their answer: shared writes, and refusals where there is none."""

import io
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest

from functions.kit.contract.errors import Away
from functions.prediction.service.delivery import BeforeAnswer
from functions.prediction.service.ports import Made
from tests.support.in_memory.predicting import FRESH, Answered, House
from tests.support.models.onnx import train
from tests.support.processes import PATIENCE, wait_until

RECORD = {"age": 3, "rooms": 1, "owns home": None, "sex": "male", "name": "x"}
TENSORS = {
    "inputs": [
        {"name": "rooms", "datatype": "INT64", "shape": [1], "data": [1]},
        {"name": "sex", "datatype": "BYTES", "shape": [1], "data": ["male"]},
    ]
}
BODIES: dict[str, Any] = {
    "/models/m/predict": {"records": [RECORD]},
    "/v2/models/m/infer": TENSORS,
}


class Log:
    """Keeps what it takes, unless it is away."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.taken: list[bool] = []
        self.is_away = False

    def take(self, made: Made, *, before_answer: bool = False) -> None:
        if self.is_away and before_answer:
            raise Away("The bucket is away.")
        self.taken.append(before_answer)
        self.ids.append(made.id)


@pytest.fixture(scope="module")
def log() -> Log:
    return Log()


@pytest.fixture(scope="module")
def house(log: Log) -> House:
    return House({"m": train()}, log=log)


def ask(house: House, path: str, delivery: str | None, way: str = "entry") -> tuple[int, Any]:
    answer = answered(house, path, delivery, way)
    return int(answer.status[:3]), msgspec.json.decode(answer.body)


def answered(house: House, path: str, delivery: str | None, way: str) -> Answered:
    body = msgspec.json.encode(BODIES[path])
    environ = {
        "REQUEST_METHOD": "POST", "PATH_INFO": path, "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body), "SERVER_NAME": "x",
        "wsgi.input_terminated": True, "HTTP_AUTHORIZATION": "Bearer mf_free",
        "SERVER_PORT": "80", "wsgi.url_scheme": "http", "QUERY_STRING": "",
    }  # fmt: skip
    if delivery is not None:
        environ["HTTP_X_DELIVERY"] = delivery
    found: Answered = getattr(house, way)(environ)
    return found


@pytest.mark.parametrize("way", ["entry", "whole"])
@pytest.mark.parametrize("path", list(BODIES))
def test_a_caller_says_whether_to_wait(house: House, log: Log, path: str, way: str) -> None:
    log.taken.clear()
    for delivery in (None, "usual", "before-answer"):
        assert ask(house, path, delivery, way)[0] == 200
    assert log.taken == [False, False, True]
    status, problem = ask(house, path, "soon", way)
    assert (status, "X-Delivery" in str(problem)) == (400, True)
    log.is_away = True
    assert ask(house, path, "usual", way)[0] == 200
    status, problem = ask(house, path, "before-answer", way)
    assert (status, "The bucket is away." in str(problem)) == (503, True)
    log.is_away = False


@pytest.mark.parametrize("way", ["entry", "whole"])
def test_a_call_with_an_id_of_its_own_hears_which_one_is_logged(
    house: House, log: Log, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = "/v2/models/m/infer"
    monkeypatch.setitem(BODIES, path, TENSORS | {"id": "mine"})
    answer = answered(house, path, None, way)
    assert msgspec.json.decode(answer.body)["id"] == "mine"
    assert dict(answer.headers)["X-Prediction-Id"] == log.ids[-1][FRESH:]
    monkeypatch.undo()
    assert "X-Prediction-Id" not in dict(answered(house, path, None, way).headers)


def a_call(number: int) -> Any:
    return number


def a_number(call: Any) -> int:
    return int(call)


def test_calls_that_come_during_a_write_share_the_next_one() -> None:
    writes: list[list[int]] = []
    go_on = threading.Event()

    def write(calls: Sequence[Any]) -> str:
        writes.append(list(calls))
        assert go_on.wait(PATIENCE)
        return f"file {len(writes)}"

    keeper = BeforeAnswer(write)
    with ThreadPoolExecutor(6) as pool:
        first = pool.submit(keeper.keep, a_call(0))
        wait_until(lambda: writes == [[0]], what="the first write")
        rest = [pool.submit(keeper.keep, a_call(number)) for number in range(1, 6)]
        wait_until(lambda: len(keeper._waiting) == 5, what="the others")
        go_on.set()
        written = [one.result(PATIENCE) for one in (first, *rest)]
    assert [a_number(one.made) for one in written] == [0, 1, 2, 3, 4, 5]
    assert [one.file.name for one in written] == ["file 1"] + ["file 2"] * 5
    assert [one.file.left for one in written] == [1] + [5] * 5
    assert writes[0] == [0]
    assert sorted(writes[1]) == [1, 2, 3, 4, 5]
    assert len(writes) == 2


def test_a_write_that_fails_fails_those_that_shared_it_and_no_later_one() -> None:
    failing = [Away("full")]

    def write(calls: Sequence[Any]) -> str:
        if failing:
            raise failing.pop()
        return "file"

    keeper = BeforeAnswer(write)
    with pytest.raises(Away):
        keeper.keep(a_call(1))
    keeper.keep(a_call(2))
    assert failing == []


def test_a_fault_of_ours_acknowledges_nobody_who_shared_the_write() -> None:
    tries: list[int] = []
    go_on = threading.Event()

    def write(calls: Sequence[Any]) -> str:
        tries.append(len(calls))
        assert go_on.wait(PATIENCE)
        raise ZeroDivisionError

    keeper = BeforeAnswer(write)
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(keeper.keep, a_call(0))
        wait_until(lambda: tries == [1], what="the first write")
        rest = [pool.submit(keeper.keep, a_call(number)) for number in range(1, 4)]
        wait_until(lambda: len(keeper._waiting) == 3, what="the others")
        go_on.set()
        for one in (first, *rest):
            with pytest.raises(ZeroDivisionError):
                one.result(PATIENCE)
    assert tries == [1, 3]
