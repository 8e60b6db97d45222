"""Bodies reach functions deployed through OpenFaaS in chunks, whatever was sent; others not."""

import json
from typing import Any

import pytest

from tests.support.processes import wait_until

ECHO = """
import flask

def handle(request):
    body = request.get_data()
    if request.args.get("file"):
        with open(request.args["file"], "w") as file:
            file.write(f"{request.headers.get('Transfer-Encoding')} {len(body)}")
    return {
        "length": request.headers.get("Content-Length"),
        "encoding": request.headers.get("Transfer-Encoding"),
        "body": body.decode(),
    }
"""
PLAIN = {"Content-Type": "text/plain"}


@pytest.fixture(scope="module")
def echo(gateway: Any) -> str:
    spec = {"service": "pieces", "image": str(gateway.write_function("pieces", code=ECHO))}
    assert gateway.ask("POST", "/system/functions", spec)[0] == 202
    return "/function/pieces/"


def told(gateway: Any, path: str, method: str, body: str | None, **fields: str) -> dict[str, Any]:
    status, _, answer = gateway.call(method, path, body, PLAIN | fields)
    assert status == 200
    found: dict[str, Any] = json.loads(answer)
    return found


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_body_loses_its_length_on_its_way(gateway: Any, echo: str, method: str) -> None:
    found = told(gateway, echo, method, "some text")
    assert found == {"length": None, "encoding": "chunked", "body": "some text"}


def test_a_large_body_arrives_whole(gateway: Any, echo: str) -> None:
    body = "0123456789" * 300_000
    assert told(gateway, echo, "POST", body)["body"] == body


def test_no_body_is_no_chunk(gateway: Any, echo: str) -> None:
    assert told(gateway, echo, "POST", "") == {"length": "0", "encoding": None, "body": ""}
    assert told(gateway, echo, "GET", None)["encoding"] is None


def test_who_wants_an_event_stream_keeps_the_length(gateway: Any, echo: str) -> None:
    found = told(gateway, echo, "POST", "text", Accept="text/event-stream")
    assert found == {"length": "4", "encoding": None, "body": "text"}


def test_a_queued_call_s_body_comes_in_chunks_too(gateway: Any, echo: str, tmp_path: Any) -> None:
    file = tmp_path / "seen"
    status, *_ = gateway.call("POST", f"/async-function/pieces/?file={file}", "some text", PLAIN)
    assert status == 202
    wait_until(lambda: file.exists() and file.read_text() == "chunked 9")


def test_a_service_of_knative_gets_the_length(gateway: Any) -> None:
    gateway.deploy_ready("sized", image=str(gateway.write_function("sized", code=ECHO)))
    found = told(gateway, "/function/sized/", "POST", "some text")
    assert found == {"length": "9", "encoding": None, "body": "some text"}


def test_the_one_that_was_deployed_last_decides(gateway: Any) -> None:
    folder = str(gateway.write_function("both", code=ECHO))
    gateway.deploy_ready("both", image=folder)
    assert told(gateway, "/function/both/", "POST", "x")["length"] == "1"
    spec = {"service": "both", "image": folder}
    assert gateway.ask("POST", "/system/functions", spec)[0] == 202
    wait_until(lambda: told(gateway, "/function/both/", "POST", "x")["encoding"] == "chunked")
