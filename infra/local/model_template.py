"""What `./mayfly new NAME --model` writes: a model of your own, with its test."""

from string import Template

from infra.local.templates import REQUIREMENTS

MODEL = Template('''"""$name: what it takes, what it answers, and how: all that you write."""

TASK = "binary"  # or "multiclass", or "regression" (LABELS is empty then)
TARGET = "is_likely"
LABELS = ["no", "yes"]
COLUMNS = [  # kinds: number, integer, boolean, category, text, date, datetime
    {"name": "age", "kind": "integer", "required": True, "minimum": 0, "maximum": 130},
    {"name": "plan", "kind": "category", "levels": ["basic", "plus"]},
]


def predict(rows: list[dict]) -> list:
    """Return for each row the probabilities of LABELS; of a regression, a number.

    A row has a value for every column, None where it is missing; moments are ISO 8601 text.
    """
    return [[1 - row["age"] / 130, row["age"] / 130] for row in rows]


def check() -> None:
    """Raise what keeps it from answering, if anything does: it is shown as away until then."""
''')

MAIN = Template('''"""$name: speaks with Mayfly for model.py, where what is yours stands."""

import hmac
import os

import flask
import model

Answer = tuple[dict, int]


def handle(request: flask.Request) -> Answer:
    """Answer one request: is it well, what does it take, what does it say of some records."""
    key = "Bearer " + os.environ.get("MAYFLY_MODEL_KEY", "")  # ./mayfly deploy gives it
    shown = request.headers.get("Authorization", "")
    if key == "Bearer " or not hmac.compare_digest(shown.encode(), key.encode()):
        reason = "This is a model: ask for predictions of it, see ./mayfly invoke prediction."
        return {"error": reason}, 401
    answer = ROUTES.get((request.method, request.path))
    if answer is None:
        return {"error": f"There is no {request.method} {request.path} here."}, 404
    return answer(request)


def _health(request: flask.Request) -> Answer:
    try:
        model.check()
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}, 503
    return {"status": "ok"}, 200


def _schema(request: flask.Request) -> Answer:
    said = {"task": model.TASK, "target": model.TARGET, "columns": model.COLUMNS}
    return said | {"labels": model.LABELS}, 200


def _predict(request: flask.Request) -> Answer:
    try:
        given = model.predict(request.get_json()["records"])
        rows = [[*one] if model.LABELS else [one] for one in given]
        return {"outputs": [[float(value) for value in row] for row in rows]}, 200
    except Exception as error:
        flask.current_app.logger.exception("predict")  # the traceback: ./mayfly logs $name
        return {"error": f"{type(error).__name__}: {error}"}, 500


ROUTES = {
    ("GET", "/health"): _health,
    ("GET", "/schema"): _schema,
    ("POST", "/predict"): _predict,
}
''')

TEST = Template('''"""Run it: python -m pytest $name"""

from pathlib import Path

import functions_framework
import pytest
from flask.testing import FlaskClient

MAIN = Path(__file__).with_name("main.py")
KEY = {"Authorization": "Bearer key"}
ROW = {"age": 65, "plan": None}


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    monkeypatch.setenv("MAYFLY_MODEL_KEY", "key")
    return functions_framework.create_app("handle", str(MAIN)).test_client()


def test_it_answers(client: FlaskClient) -> None:
    answer = client.post("/predict", json={"records": [ROW, ROW]}, headers=KEY)
    assert answer.get_json() == {"outputs": [[0.5, 0.5], [0.5, 0.5]]}


def test_it_says_what_it_takes_and_that_it_is_well(client: FlaskClient) -> None:
    assert set(ROW) == {one["name"] for one in client.get("/schema", headers=KEY).json["columns"]}
    assert client.get("/health", headers=KEY).status_code == 200


def test_what_it_cannot_answer_is_told(client: FlaskClient) -> None:
    answer = client.post("/predict", json={"records": [{}]}, headers=KEY)
    assert (answer.status_code, answer.get_json()) == (500, {"error": "KeyError: 'age'"})


def test_strangers_are_refused(client: FlaskClient) -> None:
    assert client.get("/schema").status_code == 401
''')

SERVICE = Template("""# What ./mayfly deploy $name makes of this folder.
apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: $name
  annotations:
    dev.mayfly.model: "true"  # it is registered as a model of its name
  labels:
    networking.knative.dev/visibility: cluster-local
spec:
  template:
    metadata:
      annotations:
        autoscaling.knative.dev/min-scale: "0"
        autoscaling.knative.dev/max-scale: "4"
    spec:
      timeoutSeconds: 60
      containers:
        - image: $name
""")

FILES = {
    "model.py": MODEL,
    "main.py": MAIN,
    "test_model.py": TEST,
    "requirements.txt": REQUIREMENTS,
    "service.yaml": SERVICE,
}
