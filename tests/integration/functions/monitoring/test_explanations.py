"""A prediction that was logged is explained by a real replica, by the version that made it."""

import uuid
from collections.abc import Callable

import httpx
from flask.testing import FlaskClient

from functions.kit.adapters.config import Settings
from functions.kit.adapters.stores.storage import Files
from functions.kit.contract.access.workspaces import MAIN, Place
from functions.kit.contract.models.background import Background
from functions.kit.contract.models.features import encoder
from functions.kit.contract.models.registration import files_of
from functions.prediction.adapters.predictor import Predictor
from tests.integration.functions.monitoring.conftest import Replica
from tests.support.models.explained import ANN, PEOPLE, stored
from tests.support.models.onnx import describe, train
from tests.support.models.registrations import registration, store
from tests.support.processes import PATIENCE, free_port


def test_a_logged_prediction_is_explained_as_it_would_have_been_then(
    replica: Replica, function_app: Callable[[str], FlaskClient], key: dict[str, str]
) -> None:
    name, trained = f"told-{uuid.uuid4().hex[:8]}", train()
    reader = Predictor(describe(trained), trained.data).reader
    background = Background(encoder(trained.signature)(reader.convert(PEOPLE)), 500)
    file, data = stored(background)
    path = f"{files_of(Place(MAIN, name))}{uuid.uuid4().hex}.npz"
    Files(Settings.from_env()).write(path, data, "application/octet-stream")
    body = registration(trained, store(trained, name), uuid.uuid4().hex) | {
        "background": {"path": path, "sha256": file.sha256, "bytes": file.bytes}
    }
    models = function_app("models")
    answer = models.post(f"/models/{name}/versions", json=body, headers=key)
    assert answer.status_code == 201, answer.text
    prediction = replica("prediction", free_port())
    monitoring = replica("monitoring", prediction.port)
    with httpx.Client(headers=key, timeout=PATIENCE) as client:
        answered = client.post(
            f"http://127.0.0.1:{prediction.port}/models/{name}/predict",
            params={"explain": "true"},
            json={"records": [ANN]},
            headers={"X-Delivery": "before-answer"},
        )
        assert answered.status_code == 200, answered.text
        asked = answered.json()
        here = f"http://127.0.0.1:{monitoring.port}/predictions/{asked['id']}-0"
        shown = client.get(here, params={"explain": "true"}).json()
        listed = f"http://127.0.0.1:{monitoring.port}/models/{name}/predictions"
        assert [one["id"] for one in client.get(listed).json()["items"]] == [shown["id"]]
        # Another model gets the name: what the first one predicted is not its.
        assert models.delete(f"/models/{name}", headers=key).status_code == 204
        again = body | {"job": uuid.uuid4().hex, "file": store(trained, name)}
        answer = models.post(f"/models/{name}/versions", json=again, headers=key)
        assert answer.status_code == 201, answer.text
        assert client.get(listed).json()["items"] == []
        then = client.get(here, params={"explain": "true"}).json()
        assert "no more" in then["no_explanation"]
    assert shown["no_explanation"] is None
    assert shown["explanation"] == asked["predictions"][0]["explanation"]
    assert shown["output"]["probability"] == asked["predictions"][0]["probability"]
