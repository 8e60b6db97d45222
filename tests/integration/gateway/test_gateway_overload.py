"""Queue bounds and time limits of a revision, as Knative's queue proxy and activator keep them."""

import contextlib
import threading
import time
from collections import Counter
from http.client import HTTPException
from typing import Any

import pytest

from tests.support.processes import wait_until

ONE = {"autoscaling.knative.dev/max-scale": "1"}


def begin_at_once(gateway: Any, path: str, calls: int) -> tuple[list[int], list[threading.Thread]]:
    """Calls that are all begun together: where their statuses come in, and their threads."""
    statuses: list[int] = []

    def ask() -> None:
        statuses.append(gateway.call("GET", path)[0])

    threads = [threading.Thread(target=ask) for _ in range(calls)]
    for thread in threads:
        thread.start()
    return statuses, threads


def join(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.join()


def test_a_replica_holds_ten_times_its_concurrency_then_503(gateway: Any, hold: Any) -> None:
    gateway.deploy("full", annotations=ONE, containerConcurrency=1)
    assert gateway.call("GET", "/function/full/")[0] == 200
    statuses, threads = begin_at_once(gateway, f"/function/full{hold.path}", 20)
    wait_until(lambda: len(statuses) == 9, what="nine refusals")  # at once: all others are held
    assert set(statuses) == {503}
    hold.let_go()
    join(threads)
    assert Counter(statuses) == {200: 11, 503: 9}


def test_an_activator_that_is_always_in_the_way_holds_them_all(gateway: Any) -> None:
    annotations = {**ONE, "autoscaling.knative.dev/target-burst-capacity": "-1"}
    gateway.deploy("buffered", annotations=annotations, containerConcurrency=1)
    assert gateway.call("GET", "/function/buffered/")[0] == 200
    statuses, threads = begin_at_once(gateway, "/function/buffered/sleep?s=0.05", 20)
    join(threads)
    assert statuses == [200] * 20


@pytest.mark.parametrize(
    ("name", "limits"),
    [
        ("whole", {"timeoutSeconds": 1}),
        ("begin", {"timeoutSeconds": 60, "responseStartTimeoutSeconds": 1}),
        ("silent", {"timeoutSeconds": 60, "idleTimeoutSeconds": 1}),
    ],
)
def test_time_limits_end_calls_with_504(
    gateway: Any, hold: Any, name: str, limits: dict[str, int]
) -> None:
    gateway.deploy_ready(name, **limits)
    began = time.monotonic()
    status, _, body = gateway.call("GET", f"/function/{name}{hold.path}")
    assert status == 504, body
    assert 1 <= time.monotonic() - began < 50  # the function itself never answers


def test_an_answer_that_goes_on_is_not_silent(gateway: Any) -> None:
    code = """
import time, flask
def handle(request):
    def pieces():
        for number in range(8):
            yield str(number)
            time.sleep(0.3)
    return flask.Response(pieces())
"""
    folder = gateway.write_function("lively", code=code)
    gateway.deploy(
        "lively",
        image=str(folder),
        timeoutSeconds=60,
        idleTimeoutSeconds=1,
        responseStartTimeoutSeconds=1,
    )

    def is_whole() -> bool:
        with contextlib.suppress(HTTPException, OSError):  # cut off while the machine was busy
            return bool(gateway.call("GET", "/function/lively/")[2] == b"01234567")
        return False

    wait_until(is_whole, what="a whole answer")
