"""Functions of functions-framework in its other forms: async and streaming, typed, CloudEvents."""

import http.client
import json
import threading
import time
from typing import Any

import pytest

from tests.integration.gateway.conftest import Gateway, Hold
from tests.support.processes import wait_until

ASYNC = """
import asyncio, os, sys, time
import functions_framework.aio
from starlette.responses import JSONResponse, StreamingResponse

@functions_framework.aio.http
async def handle(request):
    path = request.url.path
    if path == "/words":
        return "words"
    if path == "/dict":
        return {"query": request.query_params.get("a"), "body": (await request.body()).decode()}
    if path == "/tuple":
        return {"made": True}, 201
    if path == "/nothing":
        return None
    if path == "/fail":
        raise ValueError("no")
    if path == "/size":
        total = 0
        async for piece in request.stream():
            total += len(piece)
        return str(total)
    if path == "/rest":
        await asyncio.sleep(float(request.query_params["s"]))
        return str(os.getpid())
    if path == "/loop":
        time.sleep(float(request.query_params["s"]))
        return "done"
    if path == "/stream":
        file = request.query_params["file"]
        async def told():
            yield "data: 0\\n\\n"
            while not os.path.exists(file):
                await asyncio.sleep(0.01)
            yield "data: 1\\n\\n"
            if "break" in request.query_params:
                raise ValueError("in the middle")
        return StreamingResponse(told(), media_type="text/event-stream")
    return JSONResponse({"path": path}, headers={"X-Own": "yes"})
"""
EVENTS = """
import functions_framework.aio

@functions_framework.aio.cloud_event
async def handle(event):
    print("took", event["type"], event.data["n"], flush=True)
"""
PLAIN_EVENTS = """
import functions_framework

@functions_framework.cloud_event
def handle(event):
    print("took", event["type"], event.data["n"], flush=True)
"""
TYPED = """
import functions_framework

class Pair:
    def __init__(self, a, b):
        self.a, self.b = a, b

    @staticmethod
    def from_dict(given):
        return Pair(given["a"], given["b"])

    def to_dict(self):
        return {"a": self.a, "b": self.b}

@functions_framework.typed(Pair)
def handle(pair):
    return Pair(pair.b, pair.a)
"""
ENDING = (
    ASYNC
    + """
import atexit
atexit.register(lambda: print("put away", flush=True))
"""
)
EVENT = {"ce-id": "1", "ce-source": "/t", "ce-type": "t", "ce-specversion": "1.0"}


@pytest.fixture(scope="module")
def looping(gateway: Gateway) -> Gateway:
    gateway.deploy_ready("looping", image=str(gateway.write_function("looping", code=ASYNC)))
    return gateway


def call(gateway: Gateway, path: str, body: Any = None, method: str = "GET") -> Any:
    return gateway.call(method, f"/function/looping{path}", body)


def log_of(gateway: Gateway, name: str) -> str:
    file = gateway.data / "logs" / f"{name}.log"
    return file.read_text() if file.exists() else ""


def test_answers_are_functions_framework_s_own(looping: Gateway) -> None:
    status, headers, body = call(looping, "/words")
    assert (status, body, headers["server"]) == (200, b"words", "uvicorn")
    assert json.loads(call(looping, "/dict?a=1", b"x", "POST")[2]) == {"query": "1", "body": "x"}
    assert call(looping, "/tuple")[::2] == (201, b'{"made":true}')
    assert call(looping, "/nothing")[0] == 500
    assert call(looping, "/any/path")[1]["x-own"] == "yes"
    status, headers, body = call(looping, "/fail")
    assert (status, headers["x-google-status"], body) == (500, "crash", b"Internal Server Error")
    assert call(looping, "/favicon.ico")[0] == 404


def test_an_answer_streams_piece_by_piece(looping: Gateway, hold: Hold) -> None:
    connection = looping.connection()
    connection.request("GET", f"/function/looping/stream?file={hold.file}")
    answer = connection.getresponse()
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.readline() + answer.readline() == b"data: 0\n\n"
    hold.let_go()
    assert answer.read() == b"data: 1\n\n"
    connection.close()


def test_an_answer_that_fails_in_the_middle_breaks_off(looping: Gateway, hold: Hold) -> None:
    hold.let_go()
    with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
        call(looping, f"/stream?file={hold.file}&break=1")
    assert call(looping, "/words")[0] == 200


def test_a_body_of_any_size_streams_in(looping: Gateway) -> None:
    pieces = (b"x" * 65536 for _ in range(64))
    assert call(looping, "/size", pieces, "POST")[2] == b"4194304"


def test_many_wait_in_one_replica_at_once(looping: Gateway) -> None:
    """More than a replica has threads, whose number means nothing to a loop."""
    seen: list[bytes] = []
    began = time.monotonic()
    callers = [
        threading.Thread(target=lambda: seen.append(call(looping, "/rest?s=3")[2]))
        for _ in range(40)
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert len(set(seen)) == 1
    assert time.monotonic() - began < 60


def test_it_finishes_what_it_holds_and_puts_away(gateway: Gateway, hold: Hold) -> None:
    folder = gateway.write_function("ending", code=ENDING)
    gateway.deploy_ready("ending", image=str(folder))
    connection = gateway.connection()
    connection.request("GET", f"/function/ending/stream?file={hold.file}")
    answer = connection.getresponse()
    assert answer.readline() == b"data: 0\n"
    assert gateway.ask("POST", "/system/scale-function/ending", {"replicas": 0})[0] == 202
    hold.let_go()
    assert answer.read() == b"\ndata: 1\n\n"
    connection.close()
    wait_until(lambda: "put away" in log_of(gateway, "ending"), what="its end")


@pytest.mark.parametrize("code", [EVENTS, PLAIN_EVENTS], ids=["async", "plain"])
def test_a_cloud_event_is_taken(gateway: Gateway, code: str) -> None:
    name = "events-async" if code is EVENTS else "events-plain"
    gateway.deploy_ready(name, image=str(gateway.write_function(name, code=code)))
    headers = {**EVENT, "Content-Type": "application/json"}
    status, _, body = gateway.call("POST", f"/function/{name}", b'{"n": 7}', headers)
    assert (status, body) == (200, b"OK")
    whole = {**{name[3:]: value for name, value in EVENT.items()}, "data": {"n": 8}}
    kind = {"Content-Type": "application/cloudevents+json"}
    assert gateway.call("POST", f"/function/{name}", json.dumps(whole), kind)[0] == 200
    wait_until(lambda: "took t 8" in log_of(gateway, name), what="its words")
    assert "took t 7" in log_of(gateway, name)
    refused = 400 if code is EVENTS else 415  # which it tries to read as Google's older events
    assert gateway.call("POST", f"/function/{name}", b"none")[0] == refused


def test_a_typed_function_gets_its_own_type(gateway: Gateway) -> None:
    gateway.deploy_ready("typed", image=str(gateway.write_function("typed", code=TYPED)))
    kind = {"Content-Type": "application/json"}
    status, _, body = gateway.call("POST", "/function/typed", b'{"a": 1, "b": 2}', kind)
    assert (status, json.loads(body)) == (200, {"a": 2, "b": 1})
    assert gateway.call("POST", "/function/typed", b'{"a": 1}', kind)[0] == 500
