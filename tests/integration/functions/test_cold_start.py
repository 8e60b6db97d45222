"""Callers who meet a function with no replica, all at the same moment."""

import contextlib
import hashlib
import http.client
import json
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.integration.gateway.conftest import Broker, Gateway, broker
from tests.support.lengths import length
from tests.support.models.onnx import train
from tests.support.models.registrations import register
from tests.support.processes import PATIENCE
from tests.support.servers.planes import plane_with

__all__ = ["broker"]

CALLERS = 24
FUNCTIONS = ["accounts", "datasets", "training", "models", "monitoring", "prediction", "reports"]
ANN = {"age": 30, "rooms": 3, "owns home": True, "sex": "female", "name": "Ann"}


@dataclass(frozen=True)
class Request:
    """A call, and what makes of its answer's body something that is the same for all callers."""

    method: str
    path: str
    body: Any = None
    essence: Callable[[bytes], Any] = json.loads


@pytest.fixture(scope="module")
def plane(
    broker: Broker, emulators: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    """A gateway with every function."""
    with plane_with(FUNCTIONS, emulators, broker, tmp_path_factory.mktemp("plane")) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def requests(
    function_app: Callable[[str], FlaskClient], key: dict[str, str]
) -> dict[str, tuple[Request, ...]]:
    """What the callers of each function ask for, in turn: between them, all that is made once."""
    trained, name = train(), f"cold-{uuid.uuid4().hex[:8]}"
    register(function_app("models"), key, name, trained)
    return {
        "accounts": (Request("GET", "/me"), Request("GET", "/keys")),
        "datasets": (Request("GET", "/datasets"), Request("GET", "/datasets?limit=1")),
        "training": (Request("GET", "/jobs"), Request("GET", "/algorithms")),
        "models": (
            Request("GET", f"/models/{name}/versions/1/model.onnx", essence=_sha256),
            Request("GET", f"/models/{name}"),
        ),
        "monitoring": (
            Request("GET", f"/models/{name}/predictions"),
            Request("GET", f"/models/{name}/predictions?limit=1"),
        ),
        "prediction": (
            Request("POST", f"/models/{name}/predict", {"records": [ANN]}, _predictions),
            Request("GET", f"/models/{name}/signature"),
        ),
        "reports": (Request("GET", "/reports"), Request("GET", "/reports?limit=1")),
    }


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _predictions(body: bytes) -> Any:
    return json.loads(body)["predictions"]


@pytest.mark.parametrize("rounds", [length(5, 50)])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_all_first_callers_are_answered(plane, requests, key, function, rounds):
    asked = requests[function]
    for number in range(rounds):
        plane.scale(function, 0)
        answers = call_together(plane.port, function, asked, key)
        refused = [(status, body[:300]) for status, body in answers if status != 200]
        assert refused == [], f"round {number}: {len(refused)} of {CALLERS}"
        for place, request in enumerate(asked):
            found = [request.essence(body) for _, body in answers[place :: len(asked)]]
            assert found == [found[0]] * len(found)


def call_together(
    port: int, function: str, asked: tuple[Request, ...], key: dict[str, str]
) -> list[tuple[int, bytes]]:
    """Send from CALLERS connections, open already, at the same moment: statuses and bodies."""
    barrier = threading.Barrier(CALLERS)

    def call(place: int) -> tuple[int, bytes]:
        request = asked[place % len(asked)]
        body = None if request.body is None else json.dumps(request.body)
        headers = key | ({"Content-Type": "application/json"} if body else {})
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        with contextlib.closing(line):
            line.connect()
            barrier.wait(PATIENCE)
            line.request(request.method, f"/function/{function}{request.path}", body, headers)
            answer = line.getresponse()
            return answer.status, answer.read()

    with ThreadPoolExecutor(CALLERS) as pool:
        return list(pool.map(call, range(CALLERS)))
