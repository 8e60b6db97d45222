"""Functions in the form of OpenFaaS's Python templates: python3-http and python3-flask.

What is expected was taken from the templates' own `index.py`, run beside this.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.gateway.conftest import Gateway
from tests.integration.gateway.openfaas import FUNCTIONS
from tests.support.processes import wait_until

HTTP = """
import os
from .words import WORD

ANSWERS = {
    "/none": None,
    "/text": {"statusCode": 201, "body": "made"},
    "/json": {"body": {"b": 1, "a": [WORD]}},
    "/list": {"body": [1, 2]},
    "/bytes": {"body": b"x"},
    "/empty": {},
    "/headers": {"body": "h", "headers": {"X-One": "1", "Content-Type": "text/csv"}},
    "/pairs": {"body": "h", "headers": [("X-One", "1"), ("X-One", "2")]},
    "/tuple": ("as flask", 418),
    "/plain": "plain",
}


def handle(event, context):
    if event.path == "/event":
        return {"body": {
            "body": event.body.decode(), "method": event.method, "query": event.query["a"],
            "all": event.query.getlist("a"), "agent": event.headers.get("X-Agent"),
            "host": context.hostname, "folder": sorted(os.listdir("function")),
        }}
    if event.path == "/fail":
        raise ValueError("no")
    return ANSWERS[event.path]
"""
FLASK = "def handle(req):\n    return f'{type(req).__name__} {len(req)}', 202, {'X-Own': 'yes'}\n"
TEXT, JSON = "text/html; charset=utf-8", "application/json"


def write(gateway: Gateway, name: str, handler: str) -> Path:
    folder = gateway.folder / name
    folder.mkdir(exist_ok=True)
    (folder / "handler.py").write_text(handler)
    (folder / "words.py").write_text('WORD = "word"\n')
    return folder


def deploy(gateway: Gateway, name: str, image: str, **more: Any) -> None:
    status, answer = gateway.ask("POST", FUNCTIONS, {"service": name, "image": image, **more})
    assert (status, answer) == (202, b"")
    wait_until(lambda: gateway.replicas(name) > 0, what=f"a replica of {name}")


@pytest.fixture(scope="module")
def http(gateway: Gateway) -> Gateway:
    """With a function as faas-cli deploys it: a tag is appended, a command named."""
    image = f"{write(gateway, 'by-template', HTTP)}:latest"
    deploy(gateway, "by-template", image, envProcess="python index.py")
    return gateway


@pytest.mark.parametrize(
    ("path", "status", "kind", "body"),
    [
        ("/none", 200, TEXT, b""),
        ("/text", 201, TEXT, b"made"),
        ("/json", 200, JSON, b'{"a":["word"],"b":1}\n'),
        ("/list", 200, TEXT, b"[1, 2]"),
        ("/bytes", 200, TEXT, b"b'x'"),
        ("/empty", 200, TEXT, b""),
        ("/headers", 200, "text/csv", b"h"),
        ("/tuple", 418, TEXT, b"as flask"),
        ("/plain", 200, TEXT, b"plain"),
        ("/_/health", 200, None, b"OK"),
    ],
)
def test_answers_are_those_of_python3_http(
    http: Gateway, path: str, status: int, kind: str | None, body: bytes
) -> None:
    found, headers, content = http.call("GET", f"/function/by-template{path}")
    assert (found, content) == (status, body)
    assert kind is None or headers["content-type"] == kind


def test_an_event_has_what_was_sent(http: Gateway) -> None:
    path = "/function/by-template/event?a=1&a=2"
    status, _, content = http.call("POST", path, b"words", {"X-Agent": "x"})
    told = json.loads(content)
    host = told.pop("host")
    assert (status, host.startswith("by-template-")) == (200, True)
    assert told == {
        "body": "words", "method": "POST", "query": "1", "all": ["1", "2"], "agent": "x",
        "folder": ["handler.py", "words.py"],
    }  # fmt: skip


def test_headers_may_stand_twice_and_failures_are_flask_s(http: Gateway) -> None:
    connection = http.connection()
    connection.request("GET", "/function/by-template/pairs")
    assert connection.getresponse().headers.get_all("x-one") == ["1", "2"]
    connection.close()
    status, headers, content = http.call("GET", "/function/by-template/fail")
    assert (status, headers["content-type"]) == (500, TEXT)
    assert b"Internal Server Error" in content
    assert http.call("OPTIONS", "/function/by-template/text")[0] == 200
    assert http.call("COPY", "/function/by-template/text")[0] == 405


@pytest.mark.parametrize(("raw", "kind"), [({}, "str"), ({"RAW_BODY": "true"}, "bytes")])
def test_a_handler_of_the_body_alone_is_python3_flask_s(
    gateway: Gateway, raw: dict[str, str], kind: str
) -> None:
    name = f"flask-{kind}"
    deploy(gateway, name, str(write(gateway, name, FLASK)), envVars=raw)
    status, headers, content = gateway.call("POST", f"/function/{name}", "bödy".encode())
    length = {"str": 4, "bytes": 5}[kind]
    assert (status, headers["x-own"], content) == (202, "yes", f"{kind} {length}".encode())
    assert gateway.call("PUT", f"/function/{name}")[0] == 405


def test_a_knative_service_may_name_such_a_folder(gateway: Gateway) -> None:
    gateway.deploy_ready("template-service", image=str(write(gateway, "by-service", HTTP)))
    assert gateway.call("GET", "/function/template-service/plain")[2] == b"plain"


@pytest.mark.parametrize(
    ("handler", "told"),
    [
        ("x = 1", "no function handle(event, context)"),
        ("def handle(a, b, c): pass", "handle takes 3 arguments"),
        ("import nothing_of_that_name", "nothing_of_that_name"),
    ],
)
def test_what_cannot_start_is_told_in_terms_of_its_folder(
    gateway: Gateway, handler: str, told: str
) -> None:
    folder = write(gateway, "no-handler", handler)
    gateway.deploy("no-handler", image=str(folder), annotations={"try": told})
    wait_until(lambda: gateway.ready("no-handler") == "False", what="the failure")
    status, answer = gateway.ask("GET", "/function/no-handler")
    assert status == 503
    assert told in json.dumps(answer)
    assert ".openfaas" not in json.dumps(answer)
    gateway.ask("DELETE", "/system/functions", {"functionName": "no-handler"})


def test_a_command_of_its_own_is_run_beside_a_handler(gateway: Gateway) -> None:
    folder = write(gateway, "commanded", HTTP)
    deploy(gateway, "commanded", str(folder), envProcess="cat words.py")
    assert gateway.call("POST", "/function/commanded")[2] == b'WORD = "word"\n'


def test_the_place_of_openfaas_s_pages_leads_to_those_there_are(own_gateway: Gateway) -> None:
    token = {"Authorization": own_gateway.token()}
    assert own_gateway.call("GET", "/ui/", None, token)[0] == 404
    own_gateway.env["GATEWAY_PAGES"] = "http://127.0.0.1:8000/functions"
    own_gateway.end()
    own_gateway.start()
    status, headers, _ = own_gateway.call("GET", "/ui/", None, token)
    assert (status, headers["location"]) == (303, "http://127.0.0.1:8000/functions")
    assert own_gateway.call("GET", "/ui/")[0] == 401
