"""Predictions and labels over a real gateway: told within seconds, and before a replica's end."""

import hashlib
import json
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from functions.kit.adapters.config import Settings
from functions.kit.adapters.stores.storage import Files
from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.models.background import Background
from functions.kit.contract.models.features import encoder
from functions.kit.contract.models.reference import ColumnReference, Reference
from functions.kit.contract.models.registration import files_of
from functions.prediction.adapters.predictor import Predictor
from tests.integration.gateway.conftest import Broker, Gateway, broker
from tests.support.models.explained import PEOPLE
from tests.support.models.onnx import describe, train
from tests.support.models.registrations import register, registration, store
from tests.support.processes import wait_until
from tests.support.servers.planes import plane_with

__all__ = ["broker"]

ANN: dict[str, Any] = {"age": 30, "rooms": 3, "owns home": True, "sex": "female", "name": "Ann"}


@pytest.fixture(scope="module")
def plane(
    broker: Broker, emulators: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Gateway]:
    """A gateway with the two functions."""
    env = emulators | {"MAYFLY_PREDICTION_LOG": "on"}
    folder = tmp_path_factory.mktemp("plane")
    with plane_with(["prediction", "monitoring"], env, broker, folder) as gateway:
        yield gateway


def test_predictions_are_told_over_the_gateway_and_before_a_replica_s_end(
    plane: Gateway, function_app: Callable[[str], FlaskClient], key: dict[str, str]
) -> None:
    name = f"plane-{uuid.uuid4().hex[:8]}"
    register(function_app("models"), key, name, train())

    def ask(method: str, path: str, body: Any = None) -> Any:
        content = None if body is None else json.dumps(body).encode()
        headers = key | ({"Content-Type": "application/json"} if body else {})
        status, _, answer = plane.call(method, f"/function{path}", content, headers)
        assert status == 200, answer
        return json.loads(answer)

    def predict() -> str:
        answer = ask("POST", f"/prediction/models/{name}/predict", {"records": [ANN]})
        return f"{answer['id']}-0"

    def logged() -> dict[str, Any]:
        page = ask("GET", f"/monitoring/models/{name}/predictions")
        return {one["id"]: one for one in page["items"]}

    first = predict()
    wait_until(lambda: first in logged(), what="the first prediction")
    rest = [predict() for _ in range(3)]
    plane.scale("prediction", 0)
    wait_until(lambda: set(rest) <= set(logged()), what="the rest")
    labels = {"labels": [{"id": first, "label": "class 1"}]}
    taken = ask("POST", f"/monitoring/models/{name}/labels", labels)
    assert taken == {"labels": 1, "matched": 1, "waiting": 0}
    assert logged()[first]["label"] == "class 1"


def test_labels_give_the_windows_of_a_registered_version_their_quality(
    plane: Gateway, function_app: Callable[[str], FlaskClient], key: dict[str, str]
) -> None:
    name = f"plane-{uuid.uuid4().hex[:8]}"
    register(function_app("models"), key, name, train())

    def ask(method: str, path: str, body: Any = None) -> Any:
        content = None if body is None else json.dumps(body).encode()
        headers = key | ({"Content-Type": "application/json"} if body else {})
        status, _, answer = plane.call(method, f"/function{path}", content, headers)
        assert status == 200, answer
        return json.loads(answer)

    def measures() -> dict[str, Any]:
        found = ask("GET", f"/monitoring/models/{name}/windows?span=hour&last=2")["windows"]
        return {one["id"]: one["measures"] for one in found if one["rows"]}

    records = [ANN | {"age": age} for age in range(20, 60)]
    answer = ask("POST", f"/prediction/models/{name}/predict", {"records": records})
    said = [one["label"] for one in answer["predictions"]]
    labels = [{"id": f"{answer['id']}-{place}", "label": one} for place, one in enumerate(said)]
    body = {"labels": labels}
    wait_until(lambda: bool(measures()), what="a window")
    ask("POST", f"/monitoring/models/{name}/labels", body)

    def measured() -> bool:
        return any("quality:accuracy" in one for one in measures().values())

    wait_until(measured, what="the labels in it")
    [(window, found)] = measures().items()
    assert (found["quality:accuracy"]["value"], found["quality:accuracy"]["rows"]) == (1.0, 40)
    quality = ask("GET", f"/monitoring/models/{name}/windows/{window}/quality")
    assert (quality["rows"], quality["labelled"]) == (40, 40)
    assert quality["true"]["accuracy"]["value"] == 1.0
    assert ask("GET", f"/monitoring/models/{name}/estimates")["version"] == 1


def test_a_day_is_explained_by_the_version_s_file_and_what_was_refused_is_counted(
    plane: Gateway, function_app: Callable[[str], FlaskClient], key: dict[str, str]
) -> None:
    name, trained = f"plane-{uuid.uuid4().hex[:8]}", train()
    ages = [float(age) for age in range(20, 60)]
    columns: dict[str, list[Any]] = {one: [ANN[one]] * len(ages) for one in ANN if one != "age"} | {
        "age": ages
    }
    body = registration(trained, store(trained, name), uuid.uuid4().hex)
    reader = Predictor(describe(trained), trained.data).reader
    background = Background(encoder(trained.signature)(reader.convert(PEOPLE)), 500)
    known = Reference(
        len(ages),
        [ColumnReference(one.name, one.kind, len(ages), 0) for one in trained.signature.columns],
        sample=columns,
    )
    for field, data in (("background", background.to_bytes()), ("reference", known.to_bytes())):
        path = f"{files_of(Place(MAIN, name))}{uuid.uuid4().hex}.{field}"
        Files(Settings.from_env()).write(path, data, "application/octet-stream")
        digest = hashlib.sha256(data).hexdigest()
        body[field] = {"path": path, "sha256": digest, "bytes": len(data)}
    answer = function_app("models").post(f"/models/{name}/versions", json=body, headers=key)
    assert answer.status_code == 201, answer.text

    def call(method: str, path: str, body: Any = None) -> tuple[int, Any]:
        content = None if body is None else json.dumps(body).encode()
        headers = key | ({"Content-Type": "application/json"} if body else {})
        status, _, answer = plane.call(method, f"/function{path}", content, headers)
        return status, json.loads(answer)

    predict = f"/prediction/models/{name}/predict"
    assert call("POST", predict, {"records": [ANN | {"age": age} for age in ages]})[0] == 200
    assert call("POST", predict, {"records": [ANN | {"age": "old"}]})[0] == 422
    assert call("POST", f"/prediction/models/{name}/versions/1/predict", {"records": 1})[0] == 422

    def measures(span: str) -> dict[str, Any]:
        _, found = call("GET", f"/monitoring/models/{name}/windows?span={span}&last=3")
        together: dict[str, Any] = {}
        for one in found["windows"]:
            for measure, reading in one["measures"].items():
                together[measure] = max(together.get(measure, 0), reading.get("value") or 0)
        return together

    def is_counted() -> bool:
        found = measures("hour")
        return found.get("refused", 0) >= 2 and found.get("cold_starts", 0) >= 1

    wait_until(is_counted, what="the refused calls")
    day = measures("day")
    assert day["explains:age"] > 0
    assert 0 <= day["drift:explanations"] <= 1
