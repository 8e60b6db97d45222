"""Hints as CloudEvents of both HTTP modes, and schedules that anybody may play."""

import base64
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask, request

from functions.kit.adapters.calls import step_tokens
from functions.kit.adapters.manual_clock import ManualClock
from functions.kit.adapters.steps.memory_queue import MemoryQueue
from functions.kit.adapters.steps.memory_steps import MemorySteps
from functions.kit.contract.access.workspaces import MAIN
from functions.kit.contract.errors import Away
from functions.kit.contract.steps import EVENT_TYPE, GRACE, Step
from functions.kit.http.api import Api
from functions.kit.http.requests.auth import Access
from functions.kit.http.routing import step_routes
from functions.kit.service.hints import Hints
from functions.kit.service.lookout import EVERY, Lookout

if TYPE_CHECKING:
    from flask.testing import FlaskClient

SECRET = "secret"
STEP = Step("pets", "/pets/rex/wash")


class House:
    """A function with one step, whose runs are noted, and a client of it."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.is_away = False
        self.clock = ManualClock()
        self.due, self.queue = MemorySteps("pets", self.clock), MemoryQueue()
        api = Api("pets", "Pets.", Access("pets", SECRET, lambda _: None), max_json_bytes=100)
        step_routes.add(api, Lookout(self.due, Hints(self.queue), self.clock))
        step_routes.step(api, "/pets/{name}/wash")(self.wash)
        api.route("POST", "/pets/{name}", access="both", hidden=True)(self.wash)
        app = Flask("test")
        for rule in ("/", "/<path:path>"):
            app.add_url_rule(rule, rule, lambda **_: api.handle(request), methods=["POST", "GET"])
        self.client: FlaskClient = app.test_client()

    def wash(self, name: str, workspace: str = MAIN) -> None:
        """Wash one."""
        if self.is_away:
            raise Away("away")
        self.ran.append(name if workspace == MAIN else f"{name} of {workspace}")


@pytest.fixture
def house() -> House:
    return House()


def token(path: str = STEP.path, secret: str = SECRET) -> str:
    call = step_tokens.Call("POST", "pets", path)
    return step_tokens.authorization(secret, "pets", call).partition(" ")[2]


Send = Callable[[House, Any], Any]


def binary(house: House, data: Any) -> Any:
    attributes = {"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/x", "ce-type": EVENT_TYPE}
    content = json.dumps(data)
    kind = "application/json"
    return house.client.post("/steps", data=content, headers=attributes, content_type=kind)


def structured(house: House, data: Any) -> Any:
    return whole(house, data=data)


def encoded(house: House, data: Any) -> Any:
    return whole(house, data_base64=base64.b64encode(json.dumps(data).encode()).decode())


def whole(house: House, **data: Any) -> Any:
    event = {"specversion": "1.0", "id": "1", "source": "/x", "type": EVENT_TYPE, **data}
    kind = "application/cloudevents+json; charset=utf-8"
    return house.client.post("/steps", data=json.dumps(event), content_type=kind)


@pytest.fixture(params=[binary, structured, encoded])
def send(request: pytest.FixtureRequest) -> Send:
    sender: Send = request.param
    return sender


def test_an_event_s_step_is_carried_out_and_answered_with_nothing(house: House, send: Send) -> None:
    answer = send(house, {"path": STEP.path, "token": token()})
    assert (answer.status_code, answer.data, house.ran) == (204, b"", ["rex"])


def test_a_step_of_another_workspace_leads_to_the_same_handler(house: House, send: Send) -> None:
    path = f"/workspaces/team{STEP.path}"
    assert send(house, {"path": path, "token": token(path)}).status_code == 204
    shown = {"Authorization": f"Step {token(path)}"}
    assert house.client.post(path, headers=shown).status_code == 204
    assert house.ran == ["rex of team"] * 2
    elsewhere = f"/workspaces/else{STEP.path}"
    assert house.client.post(elsewhere, headers=shown).status_code == 401


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"path": STEP.path, "token": token(secret="other")}, 401),
        ({"path": STEP.path, "token": token("/pets/max/wash")}, 401),
        ({"path": STEP.path, "token": ""}, 401),
        ({"path": "/pets/rex", "token": token("/pets/rex")}, 404),  # a call, and no step
        ({"path": "/steps/overdue", "token": token("/steps/overdue")}, 404),
        ({"path": "/nowhere", "token": token("/nowhere")}, 404),
        ({"path": STEP.path}, 422),
        ("look", 422),
    ],
)
def test_what_opens_no_step_is_refused(house: House, send: Send, data: Any, status: int) -> None:
    answer = send(house, data)
    assert (answer.status_code, house.ran) == (status, [])


def test_a_step_that_cannot_be_done_now_is_told_so(house: House, send: Send) -> None:
    house.is_away = True
    assert send(house, {"path": STEP.path, "token": token()}).status_code == 503


def test_what_is_no_event_is_refused(house: House) -> None:
    post = house.client.post
    assert post("/steps", data="x", content_type="text/plain").status_code == 415
    assert post("/steps", data="{", content_type="application/json").status_code == 400
    large = b" " * (step_routes.LARGEST_EVENT + 1)
    assert post("/steps", data=large, content_type="application/json").status_code == 413
    assert whole(house, data_base64="???").status_code == 422
    assert whole(house).status_code == 400


@pytest.mark.parametrize("path", ["/steps/overdue", "/"])
def test_a_schedule_has_lost_steps_looked_at(house: House, path: str) -> None:
    house.due.write([STEP])
    assert house.client.post(path).status_code == 204
    assert not house.queue.messages
    house.clock.advance(GRACE.total_seconds())
    answer = house.client.post(path, data=b"{}", headers={"ce-type": "dev.knative.sources.ping"})
    assert (answer.status_code, answer.data) == (204, b"")
    assert list(house.queue.messages) == [STEP]


def test_however_often_anybody_asks_a_look_comes_now_and_then(house: House) -> None:
    looks: list[object] = []
    genuine = house.due.begin_look
    house.due.begin_look = lambda *times: looks.append(1) or genuine(*times)  # type: ignore[method-assign,func-returns-value]
    for _ in range(100):
        house.client.post("/steps/overdue")
    assert len(looks) == 1
    house.clock.advance(EVERY.total_seconds())
    house.client.post("/steps/overdue")
    assert len(looks) == 2
