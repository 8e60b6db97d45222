"""Traffic over the registry's HTTP API: set, shown, counted once, ended; whoever tells at once."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest
from flask.testing import FlaskClient

from functions.kit.adapters.calls.step_tokens import Call, authorization
from functions.kit.contract.models.traffic import Counted, Tally, counts_path
from functions.kit.contract.telemetry.durations import bucket
from tests.integration.functions.conftest import STEP_SECRET
from tests.support.models.onnx import Exported, heavy
from tests.support.models.registrations import register_unchecked

WANTED = {
    "shares": {"1": 90, "2": 10},
    "shadows": [3],
    "bounds": {"errors": 0.1, "latency": 2, "least_calls": 200},
    "reason": "newer",
}


@pytest.fixture(scope="module")
def client(function_app: Any) -> FlaskClient:
    made: FlaskClient = function_app("models")
    return made


class House:
    """A model of three versions, and a tiny client of its traffic."""

    def __init__(self, client: FlaskClient, key: dict[str, str]) -> None:
        self.client, self.key = client, key
        self.name = f"m-{uuid.uuid4().hex[:8]}"
        for _ in range(3):
            register_unchecked(self.name, Exported(b"not asked", heavy(4).signature))
        self.path = f"/models/{self.name}/aliases/champion/traffic"

    def call(
        self, method: str, path: str, status: int = 200, body: Any = None, **headers: str
    ) -> Any:
        shown = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.client.open(path, method=method, json=body, headers=self.key | shown)
        assert answer.status_code == status, answer.text
        return answer

    def put(self, status: int = 200, body: Any = WANTED, **headers: str) -> Any:
        return self.call("PUT", self.path, status, body, **headers)

    def traffic(self) -> str:
        found: str = self.model()["traffic"]["champion"]["id"]
        return found

    def model(self) -> Any:
        return self.call("GET", f"/models/{self.name}").json

    def tell(self, counted: Counted) -> None:
        """Tell what a replica counted, as prediction does."""
        path = counts_path(self.name, "champion")
        token = authorization(
            STEP_SECRET, "prediction", Call("POST", "models", path), workspace="main"
        )
        answer = self.client.post(
            path, json=msgspec.to_builtins(counted, str_keys=True), headers={"Authorization": token}
        )
        assert answer.status_code == 204, answer.text

    def history(self) -> list[Any]:
        found: list[Any] = self.call("GET", f"/models/{self.name}/history").json["items"]
        return found


@pytest.fixture
def house(client: FlaskClient, key: dict[str, str]) -> House:
    return House(client, key)


def counted(traffic: str, number: int, calls: int, errors: int) -> Counted:
    times = {bucket(1, 1e-3): calls - errors}
    tallies = {2: Tally(calls=calls, errors=errors, times=times)}
    return Counted(uuid.uuid4().hex, number, traffic, tallies)


def test_traffic_is_set_shown_and_ended(house: House) -> None:
    house.call("GET", house.path, 404)
    put = house.put()
    shown = house.call("GET", house.path)
    assert shown.json == put.json
    assert shown.headers["ETag"] == put.headers["ETag"] == f'"{house.model()["revision"]}"'
    assert {name: shown.json[name] for name in WANTED} == WANTED
    assert (shown.json["version"], shown.json["by"], shown.json["spread"]) == (
        1,
        "tests",
        "callers",
    )
    assert [(one["version"], one["role"], one["share"]) for one in shown.json["measured"]] == [
        (1, "champion", 90),
        (2, "challenger", 10),
        (3, "shadow", 0),
    ]
    ended = house.call("DELETE", house.path)
    assert ended.json["traffic"] == {}
    house.call("DELETE", house.path, 404)
    actions = [line["action"] for line in house.history()]
    assert actions == ["end traffic", "set traffic", *["register"] * 3]


def test_a_change_may_be_conditional(house: House) -> None:
    seen = house.put().headers["ETag"]
    other = WANTED | {"shares": {"1": 50, "2": 50}}
    house.put(412, other, If_Match='"1"')
    house.put(200, other, If_Match=seen)
    house.call("DELETE", house.path, 412, If_Match=seen)
    assert house.put(200, other).headers["ETag"] == f'"{house.model()["revision"]}"'


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"shares": {"1": 90}}, 422),
        ({"shares": {"1": 90, "x": 10}}, 422),
        ({"shares": {"1": 0, "2": 100}}, 422),
        ({"shares": {"1": 90, "9": 10}}, 404),
        ({"bounds": {"errors": 1}}, 422),
        ({"bounds": {"least_calls": 1}}, 422),
        ({"reasons": "x"}, 422),
    ],
)
def test_what_cannot_be_is_refused(house: House, change: dict[str, Any], status: int) -> None:
    house.put(status, WANTED | change)
    assert house.model()["traffic"] == {}


def test_an_alias_that_is_not_there_has_no_traffic(house: House) -> None:
    path = f"/models/{house.name}/aliases/none/traffic"
    for method, body in (("GET", None), ("PUT", WANTED), ("DELETE", None)):
        assert "no alias 'none'" in house.call(method, path, 404, body).json["detail"]


def test_what_has_traffic_stays_and_a_promotion_ends_it(house: House) -> None:
    house.put()
    for version in (2, 3):
        told = house.call("DELETE", f"/models/{house.name}/versions/{version}", 409)
        assert "has traffic of champion" in told.json["detail"]
    house.call("PUT", f"/models/{house.name}/aliases/champion", body={"version": 2})
    assert house.model()["traffic"] == {}
    assert house.history()[0]["traffic"] == {}
    house.call("DELETE", f"/models/{house.name}/versions/3")


def test_what_many_replicas_tell_is_summed_and_ends_the_traffic_once(house: House) -> None:
    house.put()
    traffic = house.traffic()
    within = [counted(traffic, 1, 30, 1) for _ in range(6)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(house.tell, [*within, *within]))
    [_, challenger, _] = house.call("GET", house.path).json["measured"]
    assert (challenger["calls"], challenger["errors"]) == (180, 6)
    assert challenger["median"] == pytest.approx(1e-3, rel=0.1)
    beyond = [counted(traffic, 1, 30, 20) for _ in range(6)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(house.tell, beyond))
    assert house.model()["traffic"] == {}
    lines = [line for line in house.history() if line["action"] == "end traffic"]
    assert [(line["by"], line["to"], line["traffic"]) for line in lines] == [("models", 1, {})]
    assert lines[0]["because"].startswith("rolled back: version 2 failed in ")


def test_what_is_told_of_earlier_traffic_says_nothing_of_the_present(house: House) -> None:
    house.put()
    earlier = house.traffic()
    house.put(200, WANTED | {"shares": {"1": 50, "2": 50}})
    house.tell(counted(earlier, 1, 500, 500))
    house.tell(counted(house.traffic(), 1, 7, 0))
    assert house.call("GET", house.path).json["measured"][1]["calls"] == 7


def test_callers_tell_nothing(house: House) -> None:
    house.put()
    told = msgspec.to_builtins(counted(house.traffic(), 1, 500, 500), str_keys=True)
    house.call("POST", counts_path(house.name, "champion"), 403, told)
