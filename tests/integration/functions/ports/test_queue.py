"""The queue of steps: the double in memory and the gateway's client keep the same promises."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import pytest

from functions.kit.adapters import step_tokens
from functions.kit.adapters.config import Settings
from functions.kit.adapters.function_addresses import BY_PATH, FunctionAddresses
from functions.kit.adapters.function_calls import Calls
from functions.kit.adapters.memory_queue import MemoryQueue
from functions.kit.adapters.openfaas_queue import OpenFaasQueue
from functions.kit.contract.errors import Away
from functions.kit.contract.ports import Queue
from functions.kit.contract.steps import Step

SECRET = "secret of the queue"


class Kept(MemoryQueue):
    """A MemoryQueue behind HTTP, as the gateway's queue is: it keeps what comes over the wire."""

    def serve(self) -> ThreadingHTTPServer:
        queue = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                assert self.headers.get("Content-Length", "0") == "0"
                _, route, function, rest = self.path.split("/", 3)
                scheme, _, token = self.headers["Authorization"].partition(" ")
                call = step_tokens.Call("POST", function, f"/{rest}")
                caller = step_tokens.caller_of(token, SECRET, call)
                assert (route, scheme, caller) == ("async-function", step_tokens.SCHEME, "training")
                try:
                    queue.look(Step(function, f"/{rest}"))
                except Away:
                    return self.answer(503)
                return self.answer(202)

            def answer(self, status: int) -> None:
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        return ThreadingHTTPServer(("127.0.0.1", 0), Handler)


class Both(NamedTuple):
    """A queue as its users see it, and what it keeps."""

    queue: Queue
    kept: MemoryQueue


@pytest.fixture(params=["memory", "gateway"])
def both(request: pytest.FixtureRequest) -> Iterator[Both]:
    kept = Kept()
    if request.param == "memory":
        yield Both(kept, kept)
        return
    server = kept.serve()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    settings, addresses = Settings("p", "b", url, SECRET, 100), FunctionAddresses(url + BY_PATH)
    yield Both(OpenFaasQueue(Calls("training", settings, addresses)), kept)
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
