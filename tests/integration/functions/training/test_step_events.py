"""Steps as a Knative Service gets them: CloudEvents, through functions-framework's own app."""

import json
from typing import Any

import pytest
from cloudevents.conversion import to_binary, to_structured
from cloudevents.http import CloudEvent

from functions.kit.adapters.calls import step_tokens
from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.steps import EVENT_TYPE
from functions.training.model.due import start_step
from tests.integration.functions.training.conftest import Api
from tests.integration.functions.training.test_jobs import QUICK

SMALL = b"x,y\n" + b"".join(b"%d.5,%d\n" % (row * 37 % 100, row % 2) for row in range(100))


@pytest.fixture
def job(api: Api) -> str:
    """A job whose first step is due, and whose hint is lost."""
    name = "step-events"
    known = api.platform.clients["datasets"].get(f"/datasets/{name}", headers=api.key)
    if known.status_code == 404:
        api.load(SMALL, name)
    made = api.post("training", "/jobs", json={"dataset": name, "target": "y", **QUICK})
    api.platform.queue.clear()
    return str(made["id"])


def event(job: str, secret: str) -> CloudEvent:
    step = start_step(Place(MAIN, job))
    call = step_tokens.Call("POST", step.function, step.path)
    _, _, token = step_tokens.authorization(secret, "training", call).partition(" ")
    attributes = {"type": EVENT_TYPE, "source": "/mayfly/training", "function": "training"}
    attributes["datacontenttype"] = "application/json"
    return CloudEvent(attributes, {"path": step.path, "token": token})


@pytest.mark.parametrize("mode", [to_binary, to_structured])
def test_an_event_has_its_step_carried_out_once(
    api: Api, job: str, emulators: dict[str, str], mode: Any
) -> None:
    headers, body = mode(event(job, emulators["MAYFLY_STEP_SECRET"]))
    for _ in range(2):  # whatever is delivered may be delivered again
        answer = api.platform.clients["training"].post("/steps", data=body, headers=headers)
        assert (answer.status_code, answer.data) == (204, b"")
    running = api.get("training", f"/jobs/{job}")
    assert (running["state"], len(running["candidates"])) == ("running", 2)
    assert len(api.platform.queue) == 2


def test_a_stranger_s_event_is_refused(api: Api, job: str) -> None:
    headers, body = to_binary(event(job, "another secret"))
    answer = api.platform.clients["training"].post("/steps", data=body, headers=headers)
    assert answer.status_code == 401
    assert api.get("training", f"/jobs/{job}")["state"] == "queued"


def test_a_job_that_was_lost_is_resumed(api: Api, job: str) -> None:
    assert api.post("training", f"/jobs/{job}/resume")["state"] == "queued"
    [step] = api.platform.queue
    assert step[:2] == ("training", start_step(Place(MAIN, job)).path)
    api.platform.deliver_all()
    ended = api.get("training", f"/jobs/{job}")
    assert ended["state"] == "succeeded", json.dumps(ended["failure"])
