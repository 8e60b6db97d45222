"""Queue bounds and time limits of a revision, as Knative's queue proxy and activator keep them."""

import threading
import time
from collections import Counter
from typing import Any

ONE = {"autoscaling.knative.dev/max-scale": "1"}


def at_once(gateway: Any, path: str, calls: int) -> list[tuple[int, float]]:
    """Status and seconds of calls that are all begun together."""
    found = []

    def ask() -> None:
        began = time.monotonic()
        status = gateway.call("GET", path)[0]
        found.append((status, time.monotonic() - began))

    threads = [threading.Thread(target=ask) for _ in range(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_a_replica_holds_ten_times_its_concurrency_then_503(gateway: Any) -> None:
    gateway.deploy("full", annotations=ONE, containerConcurrency=1)
    assert gateway.call("GET", "/function/full/")[0] == 200
    found = at_once(gateway, "/function/full/sleep?s=0.2", 20)
    assert Counter(status for status, _ in found) == {200: 11, 503: 9}
    assert max(seconds for status, seconds in found if status == 503) < 1


def test_an_activator_that_is_always_in_the_way_holds_them_all(gateway: Any) -> None:
    annotations = {**ONE, "autoscaling.knative.dev/target-burst-capacity": "-1"}
    gateway.deploy("buffered", annotations=annotations, containerConcurrency=1)
    assert gateway.call("GET", "/function/buffered/")[0] == 200
    found = at_once(gateway, "/function/buffered/sleep?s=0.05", 20)
    assert Counter(status for status, _ in found) == {200: 20}


def test_time_limits_end_calls_with_504(gateway: Any) -> None:
    gateway.deploy("whole", timeoutSeconds=1)
    gateway.deploy("begin", timeoutSeconds=60, responseStartTimeoutSeconds=1)
    gateway.deploy("silent", timeoutSeconds=60, idleTimeoutSeconds=1)
    for name in ("whole", "begin", "silent"):
        began = time.monotonic()
        status, _, body = gateway.call("GET", f"/function/{name}/sleep?s=3")
        assert (name, status) == (name, 504), body
        assert 0.4 < time.monotonic() - began < 3


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
        "lively", image=str(folder), timeoutSeconds=60, idleTimeoutSeconds=1,
        responseStartTimeoutSeconds=1,
    )  # fmt: skip
    began = time.monotonic()
    while gateway.call("GET", "/function/lively/")[2] != b"01234567":
        assert time.monotonic() - began < 20
