"""A prediction's line of activity says how many rows it had."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import Client

from functions.kit.contract.telemetry.activity import Note, line_of
from functions.kit.http.wsgi import entry
from tests.support.models.onnx import Trained
from tests.support.models.registrations import register

ANN = {"age": 30, "rooms": 3, "owns home": True, "sex": "female", "name": "Ann"}
TENSORS = {
    "inputs": [
        {"name": "age", "datatype": "FP32", "shape": [2], "data": [30, 31]},
        {"name": "rooms", "datatype": "INT64", "shape": [2], "data": [3, 4]},
        {"name": "owns home", "datatype": "BOOL", "shape": [2], "data": [True, False]},
        {"name": "sex", "datatype": "BYTES", "shape": [2], "data": ["female", "male"]},
    ]
}


@pytest.fixture
def noted(emulators: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> list[Note]:
    """What prediction notes."""
    from functions.prediction import main  # noqa: PLC0415 - after the environment is set

    notes: list[Note] = []
    monkeypatch.setattr(main.API, "_note", notes.append)
    return notes


@pytest.mark.parametrize(
    ("path", "body", "status", "rows"),
    [
        ("/models/{}/predict", {"records": [ANN] * 3}, 200, 3),
        ("/models/{}/predict", {"records": [ANN, {}]}, 422, None),
        ("/v2/models/{}/infer", TENSORS, 200, 2),
    ],
)
def test_a_line_says_how_many_rows_were_predicted(
    models: FlaskClient,
    key: dict[str, str],
    name: str,
    trained: Trained,
    noted: list[Note],
    path: str,
    body: dict[str, Any],
    status: int,
    rows: int | None,
) -> None:
    from functions.prediction import main  # noqa: PLC0415 - after the environment is set

    register(models, key, name, trained)
    answer = Client(entry(main.API)).post(path.format(name), json=body, headers=key)
    assert answer.status_code == status, answer.text
    assert [(line_of(one).status, line_of(one).rows) for one in noted] == [(status, rows)]
