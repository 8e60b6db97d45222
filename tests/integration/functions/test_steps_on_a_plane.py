"""Steps over a real gateway: by asynchronous calls, and by a broker with the triggers of infra/.

The queue never repeats a call here, so whatever is killed is found by looking for it.
"""

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import yaml

from tests.integration.functions.training.test_jobs import QUICK
from tests.integration.gateway.conftest import Broker, Gateway, broker
from tests.support.planes import plane_with
from tests.support.processes import ROOT, wait_until

__all__ = ["broker"]

FUNCTIONS = ["datasets", "training", "models"]
ONE_TRY = {"com.openfaas.retry.attempts": "1"}
EVENTING = ROOT / "infra" / "knative" / "eventing"
TITANIC = (ROOT / "examples" / "titanic.csv").read_bytes()
# A dead process's lease, the wait until somebody looks, and a busy machine.
RECOVERY = 120.0


class Plane:
    """A gateway with the functions, and a tiny client of them."""

    def __init__(self, gateway: Gateway, key: dict[str, str]) -> None:
        self.gateway = gateway
        self._key = key

    def call(self, method: str, path: str, body: Any = None, kind: str = "application/json") -> Any:
        content = body if isinstance(body, bytes) or body is None else json.dumps(body)
        headers = self._key | ({"Content-Type": kind} if content is not None else {})
        status, _, answer = self.gateway.call(method, f"/function{path}", content, headers)
        assert status < 300, answer
        return json.loads(answer) if answer else None

    def upload(self, name: str) -> None:
        self.call("POST", f"/datasets/datasets?name={name}", TITANIC, "text/csv")

    def state(self, path: str) -> str:
        return str(self.call("GET", path)["state"])

    def train(self, name: str, **more: Any) -> str:
        body = {"dataset": name, "target": "survived", "model": name, **QUICK, **more}
        return str(self.call("POST", "/training/jobs", body)["id"])

    def deploy_eventing(self) -> None:
        """Apply what infra/ has of Knative Eventing, as it is."""
        for file in sorted(EVENTING.glob("*.yaml")):
            for item in yaml.safe_load_all(file.read_text()):
                kinds = {"Broker": "brokers", "Trigger": "triggers", "PingSource": "pingsources"}
                place = f"/apis/{item['apiVersion']}/namespaces/default/{kinds[item['kind']]}"
                status, answer = self.gateway.apply(place, item)
                assert status in {200, 201}, answer


@pytest.fixture(params=["openfaas", "broker"])
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
            plane.deploy_eventing()
        yield plane


@pytest.fixture
def name() -> str:
    return f"plane-{uuid4().hex[:8]}"


def test_an_import_a_job_and_a_removal_go_their_way(plane: Plane, name: str) -> None:
    plane.upload(name)
    wait_until(lambda: plane.state(f"/datasets/datasets/{name}") == "ready", what="the import")
    job = f"/training/jobs/{plane.train(name)}"
    wait_until(lambda: plane.state(job) != "queued", what="the start")
    wait_until(lambda: plane.state(job) not in {"queued", "running"}, RECOVERY, "the job's end")
    ended = plane.call("GET", job)
    assert ended["state"] == "succeeded", ended["failure"]
    assert len(plane.call("GET", f"/models/models/{name}/versions")["items"]) == 1
    plane.call("DELETE", f"/datasets/datasets/{name}")
    assert name not in [one["id"] for one in plane.call("GET", "/datasets/datasets")["items"]]
