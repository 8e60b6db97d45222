"""The Community Edition's queue and scaling, at a gateway that runs by its rules."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import wait_until

FUNCTIONS = "/system/functions"
NOTES = """
import os, time, flask

def handle(request):
    with open(request.args["file"], "a") as file:
        file.write("+")
    time.sleep(float(request.args.get("seconds", "0")))
    with open(request.args["file"], "a") as file:
        file.write("-")
    return flask.Response("so", int(request.args.get("code", "200")))
"""


@pytest.fixture
def community(own_gateway: Any) -> Any:
    own_gateway.end()
    own_gateway.env["GATEWAY_EDITION"] = "ce"
    own_gateway.start()
    return own_gateway


def deploy(gateway: Any, name: str, **more: Any) -> None:
    spec = {"service": name, "image": str(gateway.write_function(name, code=NOTES)), **more}
    assert gateway.ask("POST", FUNCTIONS, spec)[0] == 202


def send(gateway: Any, name: str, file: Path, query: str = "", body: str = "x") -> str:
    path = f"/async-function/{name}/?file={file}{query}"
    status, headers, _ = gateway.call("POST", path, body)
    assert status == 202
    return str(headers["x-call-id"])


def test_a_queued_call_is_never_tried_again(community: Any, tmp_path: Path) -> None:
    annotations = {"com.openfaas.retry.attempts": "5", "com.openfaas.retry.min_wait": "10ms"}
    deploy(community, "once", annotations=annotations)
    for code in (500, 503, 429):
        file = tmp_path / str(code)
        assert community.end_of(send(community, "once", file, f"&code={code}")) == "failed"
        assert file.read_text() == "+-"


def test_one_queued_call_is_worked_on_at_a_time_of_all_functions(
    community: Any, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        deploy(community, name)
    file = tmp_path / "notes"
    calls = [
        send(community, name, file, "&seconds=0.1") for _ in range(4) for name in ("one", "two")
    ]
    assert [community.end_of(call_id) for call_id in calls] == ["succeeded"] * 8
    assert file.read_text() == "+-" * 8


def test_a_body_over_the_queue_s_limit_is_500_in_its_own_words(
    community: Any, tmp_path: Path
) -> None:
    deploy(community, "bodies")
    community.end_of(send(community, "bodies", tmp_path / "most", body="x" * 256_000))
    status, headers, body = community.call(
        "POST", f"/async-function/bodies/?file={tmp_path / 'more'}", "x" * 256_001
    )
    assert (status, headers["content-type"]) == (500, "text/plain; charset=utf-8")
    assert body.decode() == (
        "Error queuing request: request body too large for OpenFaaS CE (256001 bytes), "
        "maximum: 256000 bytes\n"
    )
    assert headers["x-call-id"]
    assert not (tmp_path / "more").exists()


@contextmanager
def calling(gateway: Any, path: str, a_second: float) -> Iterator[None]:
    """Call a function again and again for the time of the block."""
    ended = threading.Event()

    def work() -> None:
        while not ended.wait(1 / a_second):
            gateway.call("GET", path)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def test_more_than_five_answers_a_second_bring_a_replica_and_their_end_takes_it(
    community: Any, tmp_path: Path
) -> None:
    deploy(community, "busy")
    wait_until(lambda: community.replicas("busy") == 1)
    # Twenty held at once, and no replica more: it is the rate that counts.
    threads = [
        threading.Thread(
            target=partial(
                community.call, "GET", f"/function/busy/?file={tmp_path / 'n'}&seconds=4"
            )
        )
        for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert community.replicas("busy") == 1
    with calling(community, f"/function/busy/?file={tmp_path / 'm'}", 15):
        began = time.monotonic()
        wait_until(lambda: community.replicas("busy") == 2, timeout=60)
        assert time.monotonic() - began > 8  # the alert waits before it is told
    wait_until(lambda: community.replicas("busy") == 1, timeout=60)
    assert community.replicas("busy") == 1


DIES = """
import os

def handle(request):
    os._exit(3)
"""


def test_a_replica_that_is_lost_is_the_provider_s_own_500(community: Any) -> None:
    spec = {"service": "dies", "image": str(community.write_function("dies", code=DIES))}
    assert community.ask("POST", FUNCTIONS, spec)[0] == 202
    status, headers, _ = community.call("POST", "/function/dies/")
    assert (status, headers["x-openfaas-internal"]) == (500, "proxy")


def test_elsewhere_it_is_502_marked_where_openfaas_deployed_it(gateway: Any) -> None:
    folder = str(gateway.write_function("dies", code=DIES))
    assert gateway.ask("POST", FUNCTIONS, {"service": "dies", "image": folder})[0] == 202
    status, headers, _ = gateway.call("POST", "/function/dies/")
    assert (status, headers["x-openfaas-internal"]) == (502, "proxy")
    gateway.deploy("dies-too", image=folder)
    status, headers, _ = gateway.call("POST", "/function/dies-too/")
    assert (status, "x-openfaas-internal" in headers) == (502, False)


def test_what_never_starts_is_marked_and_an_answer_of_its_own_is_not(gateway: Any) -> None:
    broken = str(gateway.write_function("broken", code="1 / 0"))
    assert gateway.ask("POST", FUNCTIONS, {"service": "broken", "image": broken})[0] == 202
    status, headers, _ = gateway.call("GET", "/function/broken/")
    assert (status, headers["x-openfaas-internal"]) == (503, "proxy")
    own = "def handle(request):\n    return 'mine', 503\n"
    folder = str(gateway.write_function("own", code=own))
    assert gateway.ask("POST", FUNCTIONS, {"service": "own", "image": folder})[0] == 202
    status, headers, body = gateway.call("GET", "/function/own/")
    assert (status, body, "x-openfaas-internal" in headers) == (503, b"mine", False)
