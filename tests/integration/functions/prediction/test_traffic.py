"""An alias's calls are shared out: two real replicas of prediction, and their registry."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any, NamedTuple

import httpx
import pytest
from flask.testing import FlaskClient
from onnx import helper

from tests.support.in_memory.platform import platform_of
from tests.support.models import hostile
from tests.support.models.onnx import Exported, heavy
from tests.support.models.registrations import register_unchecked
from tests.support.processes import PATIENCE, ROOT, Emulator, free_port, wait_until

SHARES = {"1": 60, "2": 40}
WANTED = {
    "shares": SHARES,
    "shadows": [3],
    "bounds": {"errors": 0.05, "latency": 1000, "least_calls": 20},
    "reason": "newer",
}
TENSOR = {"name": "age", "datatype": "FP32", "shape": [1, 1], "data": [2.0]}


def exported(operator: str, *inputs: str) -> Exported:
    """Return a model of `age` that applies one operator to it."""
    made = hostile.model([helper.make_node(operator, inputs, ["value"])])
    return Exported(made.SerializeToString(), heavy(4).signature)


class Replicas(NamedTuple):
    """The registry in this process, and two replicas of prediction that reach it."""

    models: FlaskClient
    processes: list[Emulator]

    def url(self, replica: int) -> str:
        return f"http://127.0.0.1:{self.processes[replica].port}"


class House:
    """A model of three versions, served by two replicas.

    The second version fails at an age of 0, whose logarithm is no number; the third gives twice
    what the first gives.
    """

    def __init__(self, replicas: Replicas, key: dict[str, str]) -> None:
        self.replicas, self.key = replicas, key
        self.http = httpx.Client(timeout=PATIENCE)
        self.name = f"traffic-{uuid.uuid4().hex[:8]}"
        self.shared = 0  # calls that were shared out
        versions = (
            exported("Identity", "age"),
            exported("Log", "age"),
            exported("Add", *["age"] * 2),
        )
        for version in versions:
            register_unchecked(self.name, version)
        self.path = f"/models/{self.name}/aliases/champion/traffic"

    def call(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        answer = self.replicas.models.open(path, method=method, json=body, headers=self.key)
        assert answer.status_code == status, answer.text
        return answer.json

    def predict(self, replica: int, age: float, sticky: str) -> httpx.Response:
        headers = {**self.key, "X-Mayfly-Sticky": sticky}
        url = f"{self.replicas.url(replica)}/models/{self.name}/predict"
        answer = self.http.post(url, json={"records": [{"age": age}]}, headers=headers)
        assert answer.status_code == 200, answer.text
        self.shared += "why" in answer.json()
        return answer

    def shares(self, replica: int) -> bool:
        return "why" in self.predict(replica, 2, "somebody").json()

    def keeps(self, replica: int) -> bool:
        return not self.shares(replica)

    def measured(self) -> dict[int, Any]:
        return {one["version"]: one for one in self.call("GET", self.path)["measured"]}


@pytest.fixture(scope="module")
def replicas(
    emulators: dict[str, str], function_app: Callable[[str], FlaskClient]
) -> Iterator[Replicas]:
    source = str(ROOT / "functions" / "prediction" / "main.py")
    with (
        platform_of(["models"], function_app) as platform,
        pytest.MonkeyPatch.context() as patch,
        ExitStack() as stack,
    ):
        patch.setenv("MAYFLY_GATEWAY_URL", platform.url)
        patch.setenv("FUNCTION_SOURCE", source)
        processes = []
        for _ in range(2):
            port = free_port()
            patch.setenv("PORT", str(port))
            ready = f"http://127.0.0.1:{port}/_/ready"
            process = Emulator("functions.kit.http.serve", [], port, ready)
            processes.append(stack.enter_context(process))
        yield Replicas(platform.clients["models"], processes)


@pytest.fixture
def house(replicas: Replicas, key: dict[str, str]) -> Iterator[House]:
    made = House(replicas, key)
    with made.http:
        yield made


def test_calls_are_shared_out_and_go_back_when_the_challenger_fails(house: House) -> None:
    # Given: all calls of both replicas go to the champion.
    for replica in range(2):
        answer = house.predict(replica, 2, "somebody")
        assert answer.headers["X-Model-Reason"] == "alias"
        assert "why" not in answer.json()
    # When: they are shared out.
    shown = house.call("PUT", house.path, WANTED)
    assert (shown["version"], shown["shares"], shown["shadows"]) == (1, SHARES, [3])
    for replica in range(2):
        wait_until(partial(house.shares, replica), what="the traffic")
    # Then: each key leads to one version in both replicas, and says why.
    found = {
        sticky: [house.predict(replica, 2, sticky) for replica in range(2)]
        for sticky in (f"caller {number}" for number in range(30))
    }
    for answers in found.values():
        assert len({answer.json()["version"] for answer in answers}) == 1
    reasons = {
        (one.json()["version"], one.headers["X-Model-Reason"], one.json()["why"])
        for answers in found.values()
        for one in answers
    }
    assert reasons == {(1, why := "share 60 %, by key", why), (2, why := "share 40 %, by key", why)}
    challenged = next(key for key, one in found.items() if one[0].json()["version"] == 2)
    told = house.http.post(
        f"{house.replicas.url(0)}/v2/models/{house.name}/infer",
        json={"inputs": [TENSOR]},
        headers={**house.key, "X-Mayfly-Sticky": challenged},
    )
    assert told.json()["parameters"] == {"why": "share 40 %, by key"}
    assert told.headers["X-Model-Reason"] == "share 40 %, by key"
    # And: the registry hears of each call, and of the shadow's that nobody saw.
    wait_until(lambda: all_are_told(house, house.shared + 1), what="the counts")
    measured = house.measured()
    assert [one["role"] for one in measured.values()] == ["champion", "challenger", "shadow"]
    assert measured[3]["compared"] == measured[3]["calls"]
    assert measured[3]["distance"] == pytest.approx(2.0)
    assert measured[2]["distance"] == pytest.approx(2 - 0.6931, abs=1e-3)
    assert [one["errors"] for one in measured.values()] == [0, 0, 0]
    # When: the challenger fails, its callers have the champion's answer.
    for number in range(25):
        answer = house.predict(number % 2, 0, challenged)
        if answer.json().get("why") is None:
            break
        assert answer.json()["version"] == 1
        assert answer.json()["predictions"] == [{"value": 0.0}]
        assert answer.headers["X-Model-Reason"] == "version 2 failed"
    # Then: the traffic ends by itself, once, and says why; both replicas follow.
    wait_until(lambda: house.call("GET", f"/models/{house.name}")["traffic"] == {}, what="the end")
    for replica in range(2):
        wait_until(partial(house.keeps, replica), what="the end of traffic")
    lines = house.call("GET", f"/models/{house.name}/history")["items"]
    ends = [line for line in lines if line["action"] == "end traffic"]
    assert [(one["by"], one["alias"], one["to"]) for one in ends] == [("models", "champion", 1)]
    assert ends[0]["because"].startswith("rolled back: version 2 failed in ")
    assert ends[0]["because"].endswith("the bound is 5 %")
    house.call("GET", house.path, status=404)


def all_are_told(house: House, asked: int) -> bool:
    """Tell whether the registry knows of all calls, and what became of the comparisons."""
    measured = house.measured()
    calls = measured[1]["calls"] + measured[2]["calls"]
    compared = measured[3]["compared"] + measured[2]["compared"]
    dropped = measured[3]["dropped"] + measured[2]["dropped"]
    assert calls <= asked
    return bool(calls == asked and compared + dropped == asked)


def test_a_replica_that_ends_tells_the_rest(house: House) -> None:
    """The last test of the replicas: it ends one."""
    house.call("PUT", house.path, WANTED | {"shadows": []})
    wait_until(partial(house.shares, 0), what="the traffic")
    for number in range(10):
        house.predict(0, 2, str(number))
    assert house.replicas.processes[0].stop() == 0
    wait_until(lambda: calls_told(house) == house.shared, what="the counts")


def calls_told(house: House) -> int:
    return sum(one["calls"] for one in house.measured().values())
