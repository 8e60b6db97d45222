"""What `./mayfly new` writes: a function of your own, with its test."""

from string import Template

HTTP_MAIN = Template('''"""$name: answers over HTTP."""

import flask


def handle(request: flask.Request) -> flask.typing.ResponseReturnValue:
    """Greet whoever is named, or the world."""
    return {"greeting": f"Hello, {request.args.get('name', 'world')}!"}
''')

HTTP_TEST = Template('''"""Run it: python -m pytest $name"""

from pathlib import Path

import functions_framework
import pytest
from flask.testing import FlaskClient

MAIN = Path(__file__).with_name("main.py")


@pytest.fixture
def client() -> FlaskClient:
    return functions_framework.create_app("handle", str(MAIN)).test_client()


def test_it_greets(client: FlaskClient) -> None:
    assert client.get("/?name=Ada").get_json() == {"greeting": "Hello, Ada!"}
    assert client.get("/").get_json() == {"greeting": "Hello, world!"}
''')

EVENT_MAIN = Template('''"""$name: takes CloudEvents."""

import flask
from cloudevents.http import from_http


def handle(request: flask.Request) -> flask.typing.ResponseReturnValue:
    """Print what came; see it with: ./mayfly logs $name"""
    event = from_http(dict(request.headers), request.get_data())
    print(event["type"], event["source"], event.data, flush=True)
    return "", 204  # a broker takes a body that is no CloudEvent for a failure, and sends again
''')

EVENT_TEST = Template('''"""Run it: python -m pytest $name"""

from pathlib import Path

import functions_framework
import pytest

MAIN = Path(__file__).with_name("main.py")
EVENT = {"ce-id": "1", "ce-source": "/test", "ce-type": "greeting", "ce-specversion": "1.0"}


def test_it_prints_the_event(capsys: pytest.CaptureFixture[str]) -> None:
    client = functions_framework.create_app("handle", str(MAIN)).test_client()
    answer = client.post("/", headers=EVENT, json={"name": "Ada"})
    assert (answer.status_code, answer.data) == (204, b"")
    assert "greeting /test {'name': 'Ada'}" in capsys.readouterr().out
''')

TRIGGER = Template("""# Gives every event of type "greeting" to $name: ./mayfly deploy trigger.yaml
apiVersion: eventing.knative.dev/v1
kind: Trigger
metadata:
  name: $name
spec:
  broker: default
  filter:
    attributes:
      type: greeting
  subscriber:
    ref:
      apiVersion: serving.knative.dev/v1
      kind: Service
      name: $name
""")

REQUIREMENTS = Template("functions-framework\n")

HTTP = {"main.py": HTTP_MAIN, "test_main.py": HTTP_TEST, "requirements.txt": REQUIREMENTS}
EVENT = {
    "main.py": EVENT_MAIN,
    "test_main.py": EVENT_TEST,
    "requirements.txt": REQUIREMENTS,
    "trigger.yaml": TRIGGER,
}
