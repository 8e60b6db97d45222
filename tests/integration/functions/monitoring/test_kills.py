"""Real replicas of `prediction` and `monitoring`, killed: what they acknowledged is there."""

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from flask.testing import FlaskClient

from functions.kit.adapters.config import Settings
from functions.kit.adapters.stores.storage import Files
from functions.kit.contract.telemetry.predictions import UNTOLD
from tests.integration.functions.monitoring.conftest import Replica
from tests.support.models.onnx import train
from tests.support.models.registrations import register
from tests.support.processes import PATIENCE, Emulator, free_port, wait_until

ANN = {"age": 30, "rooms": 3, "owns home": True, "sex": "female", "name": "Ann"}
ENOUGH = 12
"""Acknowledged calls after which a replica is killed; others are on their way then."""
SENDERS = 4


@pytest.fixture(scope="module")
def model(function_app: Callable[[str], FlaskClient], key: dict[str, str]) -> str:
    name = f"killed-{uuid.uuid4().hex[:8]}"
    register(function_app("models"), key, name, train())
    return name


def killed_while_sending(process: Emulator, send: Callable[[httpx.Client], Any]) -> list[Any]:
    """Send from several threads, kill the replica, and return what was acknowledged."""
    acknowledged: list[Any] = []
    enough = threading.Event()

    def sender() -> None:
        with httpx.Client(base_url=f"http://127.0.0.1:{process.port}", timeout=PATIENCE) as client:
            for _ in range(1000):
                try:
                    acknowledged.append(send(client))
                except httpx.TransportError:
                    return
                if len(acknowledged) >= ENOUGH:
                    enough.set()

    with ThreadPoolExecutor(SENDERS) as pool:
        senders = [pool.submit(sender) for _ in range(SENDERS)]
        assert enough.wait(PATIENCE)
        process.kill()
        for one in senders:
            one.result(PATIENCE)
    assert ENOUGH <= len(acknowledged) < 1000
    return acknowledged


def predict(client: httpx.Client, model: str, key: dict[str, str], **headers: str) -> list[str]:
    """Ask about two rows; return their predictions' ids."""
    answer = client.post(
        f"/models/{model}/predict", json={"records": [ANN] * 2}, headers=key | headers
    )
    assert answer.status_code == 200, answer.text
    return [f"{answer.json()['id']}-{place}" for place in range(2)]


def logged(monitoring: FlaskClient, key: dict[str, str], model: str) -> dict[str, Any]:
    """Return a model's predictions by id."""
    page = monitoring.get(f"/models/{model}/predictions?limit=1000", headers=key).get_json()
    assert page["next"] is None
    return {one["id"]: one for one in page["items"]}


def test_a_killed_replica_loses_no_prediction_that_was_to_be_on_disk_first(
    replica: Replica, monitoring: FlaskClient, model: str, key: dict[str, str]
) -> None:
    process = replica("prediction", free_port())
    headers = {"X-Delivery": "before-answer"}
    acknowledged = killed_while_sending(
        process, lambda client: predict(client, model, key, **headers)
    )
    for ids in acknowledged:
        for one in ids:
            found = monitoring.get(f"/predictions/{one}", headers=key)
            assert found.status_code == 200, one
            assert found.get_json()["inputs"] == ANN
            assert found.get_json()["why"] == "alias"


def test_a_killed_replica_loses_no_label_that_it_took(
    replica: Replica, monitoring: FlaskClient, model: str, key: dict[str, str]
) -> None:
    first = replica("monitoring", free_port())
    process = replica("prediction", first.port)
    with httpx.Client(base_url=f"http://127.0.0.1:{process.port}", timeout=PATIENCE) as client:
        ids = [one for _ in range(40) for one in predict(client, model, key)]
    wait_until(lambda: set(ids) <= set(logged(monitoring, key, model)), what="the predictions")
    left = iter(ids * 20)
    numbers = iter(range(10**6))

    def label(client: httpx.Client) -> tuple[str, str]:
        one, text = next(left), f"label {next(numbers)}"
        body = {"labels": [{"id": one, "label": text}]}
        answer = client.post(f"/models/{model}/labels", json=body, headers=key)
        assert answer.json() == {"labels": 1, "matched": 1, "waiting": 0}
        return one, text

    acknowledged = dict(killed_while_sending(first, label))
    found = logged(monitoring, key, model)
    assert {one: found[one]["label"] for one in acknowledged} == acknowledged


def test_a_replica_that_ends_puts_aside_what_nobody_took(
    replica: Replica, monitoring: FlaskClient, model: str, key: dict[str, str]
) -> None:
    process = replica("prediction", free_port())
    with httpx.Client(base_url=f"http://127.0.0.1:{process.port}", timeout=PATIENCE) as client:
        ids = [one for _ in range(5) for one in predict(client, model, key)]
    assert process.stop() == 0
    for one in ids:
        assert monitoring.get(f"/predictions/{one}", headers=key).status_code == 200


def waiting() -> set[str]:
    """Return the names of the files that predictions wait in."""
    return {path for path, _ in Files(Settings.from_env()).listed(UNTOLD)}


def test_what_was_on_disk_first_is_told_like_the_rest_and_its_file_goes(
    replica: Replica, model: str, key: dict[str, str]
) -> None:
    before = waiting()
    first = replica("monitoring", free_port())
    process = replica("prediction", first.port)
    with (
        httpx.Client(base_url=f"http://127.0.0.1:{process.port}", timeout=PATIENCE) as client,
        httpx.Client(base_url=f"http://127.0.0.1:{first.port}", timeout=PATIENCE) as reader,
    ):
        headers = {"X-Delivery": "before-answer"}
        ids = [one for _ in range(5) for one in predict(client, model, key, **headers)]
        for one in ids:
            assert reader.get(f"/predictions/{one}", headers=key).status_code == 200
        wait_until(lambda: waiting() <= before, what="no file")
        for one in ids:
            assert reader.get(f"/predictions/{one}", headers=key).status_code == 200
