"""The queue of steps: the double in memory and the gateway's client keep the same promises."""

import base64
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import httpx
import pytest
import requests
from cloudevents.http import from_http

from functions.kit.adapters.calls import step_tokens
from functions.kit.adapters.calls.function_addresses import FunctionAddresses
from functions.kit.adapters.calls.function_calls import Calls
from functions.kit.adapters.config import Settings
from functions.kit.adapters.steps.broker_queue import BrokerQueue
from functions.kit.adapters.steps.memory_queue import MemoryQueue
from functions.kit.adapters.steps.pubsub_queue import PubSubQueue
from functions.kit.adapters.steps.step_tools import queue_for
from functions.kit.contract.errors import Away
from functions.kit.contract.ports import Queue
from functions.kit.contract.steps import EVENT_TYPE, Step
from tests.support.processes import free_port

SECRET = "secret of the queue"
TOPIC = "/v1/projects/p/topics/mayfly-steps"


class Kept(MemoryQueue):
    """A MemoryQueue behind HTTP, as gateways and brokers are: it keeps what comes over the wire."""

    def serve(self, read: "Callable[[BaseHTTPRequestHandler], Step]") -> ThreadingHTTPServer:
        queue = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                step = read(self)
                try:
                    queue.look(step)
                except Away:
                    return self.answer(503)
                return self.answer(200 if self.path.endswith(":publish") else 202)

            def answer(self, status: int) -> None:
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        return ThreadingHTTPServer(("127.0.0.1", 0), Handler)


def from_a_call(request: BaseHTTPRequestHandler) -> Step:
    """Read an asynchronous call, as OpenFaaS's gateway does."""
    assert request.headers.get("Content-Length", "0") == "0"
    _, route, function, rest = request.path.split("/", 3)
    scheme, _, token = request.headers["Authorization"].partition(" ")
    assert (route, scheme) == ("async-function", step_tokens.SCHEME)
    return opened(Step(function, f"/{rest}"), token)


def from_an_event(request: BaseHTTPRequestHandler) -> Step:
    """Read a CloudEvent, with the library that functions-framework has for it."""
    body = request.rfile.read(int(request.headers["Content-Length"]))
    assert request.path == "/broker/default/default"
    return read_event(dict(request.headers), body)


def from_a_message(request: BaseHTTPRequestHandler) -> Step:
    """Read a message that is published, as a subscription that unwraps it would push it on."""
    body = json.loads(request.rfile.read(int(request.headers["Content-Length"])))
    [message] = body["messages"]
    assert request.path == f"{TOPIC}:publish"
    return read_event(message["attributes"], base64.b64decode(message["data"], validate=True))


def read_event(fields: dict[str, str], body: bytes) -> Step:
    event = from_http(fields, body)
    attributes = event.get_attributes()
    assert attributes["type"] == EVENT_TYPE
    assert "Authorization" not in fields
    data = event.get_data()
    assert isinstance(data, dict)
    return opened(Step(attributes["function"], data["path"]), data["token"])


def opened(step: Step, token: str) -> Step:
    """Return the step, if the token opens it for who sent it."""
    call = step_tokens.Call("POST", step.function, step.path)
    assert step_tokens.signer_of(token, SECRET, call) == ("training", "")
    return step


def queue_of(settings: Settings) -> Queue:
    """Return the queue of the function `training` as it is wired."""
    return queue_for("training", settings, Calls("training", settings, FunctionAddresses("")))


def published(url: str) -> Queue:
    """Return the queue that is a topic at `url`, whose caller needs no identity there."""
    broker = {"MAYFLY_STEP_SECRET": SECRET, "MAYFLY_BROKER_URL": f"{url}{TOPIC}"}
    return PubSubQueue("training", Settings.from_env(broker), requests.Session)


class Both(NamedTuple):
    """A queue as its users see it, and what it keeps."""

    queue: Queue
    kept: MemoryQueue


@pytest.fixture(params=["memory", "openfaas", "broker", "pubsub"])
def both(request: pytest.FixtureRequest) -> Iterator[Both]:
    kept = Kept()
    if request.param == "memory":
        yield Both(kept, kept)
        return
    read = {"openfaas": from_a_call, "broker": from_an_event, "pubsub": from_a_message}
    server = kept.serve(read[request.param])
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    variables = {"MAYFLY_STEP_SECRET": SECRET, "MAYFLY_GATEWAY_URL": url}
    settings = Settings.from_env(variables | {"MAYFLY_QUEUE": request.param})
    yield Both(published(url) if request.param == "pubsub" else queue_of(settings), kept)
    server.shutdown()
    server.server_close()
    thread.join()


IMPORT = Step("datasets", "/datasets/a/import")
FINISH = Step("training", "/jobs/1/steps/finish")


def test_hints_are_kept_in_the_order_in_which_they_came(both: Both) -> None:
    both.queue.look(IMPORT)
    both.queue.look(FINISH)
    both.queue.look(IMPORT)
    assert list(both.kept.messages) == [IMPORT, FINISH, IMPORT]


def test_a_queue_that_takes_nothing_says_so(both: Both) -> None:
    both.kept.is_open = False
    with pytest.raises(Away):
        both.queue.look(IMPORT)
    assert not both.kept.messages


def test_a_queue_that_is_not_there_says_so() -> None:
    for kind in ("openfaas", "broker"):
        url = f"http://127.0.0.1:{free_port()}"
        variables = {"MAYFLY_STEP_SECRET": SECRET, "MAYFLY_GATEWAY_URL": url, "MAYFLY_QUEUE": kind}
        with pytest.raises(Away, match="does not answer"):
            queue_of(Settings.from_env(variables)).look(IMPORT)


def test_a_topic_that_is_not_there_says_so() -> None:
    with pytest.raises(Away, match="does not answer"):
        published(f"http://127.0.0.1:{free_port()}").look(IMPORT)


def test_the_queue_that_is_set_is_the_one_that_is_used() -> None:
    settings = Settings.from_env({"MAYFLY_STEP_SECRET": SECRET, "MAYFLY_QUEUE": "pubsub"})
    assert isinstance(queue_of(settings), PubSubQueue)


def test_each_hint_is_an_event_of_its_own() -> None:
    """A broker delivers an event of the same source and id once."""
    settings = Settings.from_env({"MAYFLY_STEP_SECRET": SECRET})
    sent: list[str] = []

    def broker(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers["ce-id"])
        return httpx.Response(202)

    queue = BrokerQueue("training", settings, httpx.MockTransport(broker))
    for _ in range(3):
        queue.look(IMPORT)
    assert len(set(sent)) == 3
