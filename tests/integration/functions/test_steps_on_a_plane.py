"""Steps over a real gateway: by asynchronous calls, and by a broker with the triggers of infra/.

The queue never repeats a call here, so whatever is killed is found by looking for it.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from tests.integration.functions.training.test_jobs import QUICK
from tests.integration.gateway.conftest import Broker, Gateway, broker
from tests.support.callers.members import Member
from tests.support.models.onnx import train
from tests.support.models.registrations import register
from tests.support.processes import ROOT, wait_until
from tests.support.servers.planes import deploy_eventing, kill_replicas, plane_with

__all__ = ["broker"]

FUNCTIONS = ["datasets", "training", "models", "prediction", "reports"]
ONE_TRY = {"com.openfaas.retry.attempts": "1"}
BAD_GATEWAY = 502
TITANIC = (ROOT / "examples" / "titanic.csv").read_bytes()
ROW = {"records": [{"age": 30, "rooms": 2, "owns home": True, "sex": "female"}]}
ROWS = 20_000
MANY = b"n,survived\n" + b"".join(
    b"%d.5,%d\n" % (row * 7919 % 997, row * 7919 % 997 < 400) for row in range(ROWS)
)
FOLDS = 8  # of each of two candidates
# A dead process's lease, the wait until somebody looks, and a busy machine.
RECOVERY = 120.0


class Plane:
    """A gateway with the functions, and a tiny client of them."""

    def __init__(self, gateway: Gateway, key: dict[str, str]) -> None:
        self.gateway = gateway
        self.key = key

    def call(self, method: str, path: str, body: Any = None, kind: str = "application/json") -> Any:
        content = body if isinstance(body, bytes) or body is None else json.dumps(body)
        headers = self.key | ({"Content-Type": kind} if content is not None else {})
        while True:
            status, _, answer = self.gateway.call(method, f"/function{path}", content, headers)
            if method != "GET" or status != BAD_GATEWAY:  # a replica died over it
                break
        assert status < 300, answer
        return json.loads(answer) if answer else None

    def upload(self, name: str, table: bytes = TITANIC) -> None:
        self.call("POST", f"/datasets/datasets?name={name}", table, "text/csv")

    def wait_for_import(self, name: str) -> None:
        path = f"/datasets/datasets/{name}"
        wait_until(lambda: self.state(path) == "ready", what=f"the import of {name}")

    def state(self, path: str) -> str:
        return str(self.call("GET", path)["state"])

    def train(self, name: str, **more: Any) -> str:
        body = {"dataset": name, "target": "survived", "model": name, **QUICK, **more}
        return str(self.call("POST", "/training/jobs", body)["id"])


@pytest.fixture(scope="module", params=["openfaas", "broker"])
def plane(
    request: pytest.FixtureRequest,
    broker: Broker,
    emulators: dict[str, str],
    key: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Plane]:
    env = emulators | {"MAYFLY_QUEUE": request.param}
    folder = tmp_path_factory.mktemp(request.param)
    with plane_with(FUNCTIONS, env, broker, folder, ONE_TRY) as gateway:
        plane = Plane(gateway, key)
        if request.param == "broker":
            deploy_eventing(gateway)
        yield plane


@pytest.fixture
def name() -> str:
    return f"plane-{uuid4().hex[:8]}"


def test_an_import_a_job_and_a_removal_go_their_way(plane: Plane, name: str) -> None:
    plane.upload(name)
    other = Plane(plane.gateway, Member({"w-of-planes": "editor"}).key().header)
    other.upload(name, b"n\n1\n")
    for one in (plane, other):
        one.wait_for_import(name)
    job = f"/training/jobs/{plane.train(name)}"
    wait_until(lambda: plane.state(job) != "queued", what="the start")
    wait_until(lambda: plane.state(job) not in {"queued", "running"}, RECOVERY, "the job's end")
    ended = plane.call("GET", job)
    assert ended["state"] == "succeeded", ended["failure"]
    assert len(plane.call("GET", f"/models/models/{name}/versions")["items"]) == 1
    plane.call("DELETE", f"/datasets/datasets/{name}")
    assert name not in [one["id"] for one in plane.call("GET", "/datasets/datasets")["items"]]
    assert other.call("GET", f"/datasets/datasets/{name}")["rows_done"] == 1


def test_killed_replicas_cost_time_and_nothing_else(plane: Plane, name: str) -> None:
    """The queue's one try of a step dies with its replica: only looking finds it again."""
    plane.upload(name, MANY)
    dataset = f"/datasets/datasets/{name}"
    wait_until(lambda: plane.call("GET", dataset)["rows_done"] > 0, what="the first rows")
    kill_replicas(plane.gateway, "datasets")
    wait_until(lambda: plane.state(dataset) == "ready", RECOVERY, "the import")
    ready = plane.call("GET", dataset)
    assert (ready["rows_done"], ready["revision"]) == (ROWS, 1)

    job, done = killed_in_the_middle(plane, name)
    wait_until(lambda: folds_done(plane, job) > done, RECOVERY, "another fold")
    wait_until(lambda: plane.state(job) not in {"queued", "running"}, RECOVERY, "the job's end")
    ended = plane.call("GET", job)
    assert ended["state"] == "succeeded", ended["failure"]
    assert [one["folds_done"] for one in ended["candidates"]] == [FOLDS, FOLDS]
    assert len(plane.call("GET", f"/models/models/{ended['model']}/versions")["items"]) == 1


def test_a_report_is_made_though_its_replica_is_killed(plane: Plane, name: str) -> None:
    """Processes that it started end with it, and the next one begins that step anew."""
    plane.upload(name)
    plane.wait_for_import(name)
    body = {"dataset": name, "target": "survived"}
    report = f"/reports/reports/{plane.call('POST', '/reports/reports', body)['id']}"
    wait_until(lambda: plane.call("GET", report)["phase"] == "run", RECOVERY, "what it is told")
    kill_replicas(plane.gateway, "reports")
    wait_until(lambda: plane.state(report) not in {"queued", "running"}, 2 * RECOVERY, "its end")
    ended = plane.call("GET", report)
    assert (ended["state"], ended["failure"]) == ("succeeded", None)
    status, _, pdf = plane.gateway.call("GET", f"/function{report}/report.pdf", None, plane.key)
    assert (status, pdf[:5]) == (200, b"%PDF-")


def test_predictions_are_answered_later(
    plane: Plane,
    function_app: Callable[[str], FlaskClient],
    key: dict[str, str],
    name: str,
) -> None:
    """By the function's own tasks, and by the gateway's queue: each to who asked alone."""
    register(function_app("models"), key, name, train())
    path = f"/prediction/models/{name}/predict"
    at_once = plane.call("POST", path, ROW)
    other = Plane(plane.gateway, Member({"main": "editor"}).key().header)
    gateway, headers = plane.gateway, {**key, "Content-Type": "application/json"}

    later = {**headers, "Prefer": "respond-async"}
    status, said, answer = gateway.call("POST", f"/function{path}", json.dumps(ROW), later)
    task = json.loads(answer)
    assert (status, said["location"]) == (202, f"tasks/{task['id']}")
    where = f"/prediction{task['path']}"
    wait_until(lambda: plane.state(where) == "succeeded", RECOVERY, "the task")
    assert plane.call("GET", f"{where}/result")["predictions"] == at_once["predictions"]
    assert other.call("GET", f"/prediction/models/{name}/tasks")["items"] == []
    status, _, _ = gateway.call("GET", f"/function{where}/result", None, other.key)
    assert status == 404

    status, said, answer = gateway.call("POST", f"/async-function{path}", json.dumps(ROW), headers)
    assert status == 202, answer
    call = f"/async-function/{said['x-call-id']}"

    def outcome(who: dict[str, str]) -> tuple[int, Any]:
        status, _, answer = gateway.call("GET", call, None, who)
        return status, json.loads(answer)

    wait_until(lambda: outcome(key)[1]["state"] == "succeeded", RECOVERY, "the call")
    ended = outcome(key)[1]
    assert ended["status"] == 200
    assert json.loads(ended["body"])["predictions"] == at_once["predictions"]
    assert outcome(other.key)[0] == 404


def killed_in_the_middle(plane: Plane, name: str) -> tuple[str, int]:
    """Kill what carries a job out; return the job and the folds that it had done.

    On a machine that is busy the kill may come when all of them are done: then with another job.
    """
    for number in range(5):
        job = in_its_folds(plane, name, f"{name}-{number}")
        kill_replicas(plane.gateway, "training")
        done = folds_done(plane, job)
        if done < 2 * FOLDS:
            return job, done
    raise AssertionError("each job was through before the kill")


def in_its_folds(plane: Plane, name: str, model: str) -> str:
    """Begin a job; return it when its first fold is done."""
    job = f"/training/jobs/{plane.train(name, folds=FOLDS, model=model)}"
    wait_until(lambda: folds_done(plane, job) > 0, RECOVERY, "the first fold")
    return job


def folds_done(plane: Plane, job: str) -> int:
    found = plane.call("GET", job)
    assert found["state"] not in {"failed", "cancelled"}, found["failure"]
    return sum(one["folds_done"] for one in found["candidates"])
