"""Activity over a real gateway, with real replicas that come, go, and are killed."""

import contextlib
import json
import os
import signal
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest

from benchmarks.faults.victims import replicas
from tests.integration.gateway.conftest import Broker, Gateway, broker
from tests.support.processes import wait_until
from tests.support.servers.planes import plane_with

__all__ = ["broker"]

FUNCTIONS = ["accounts", "datasets", "models"]
MANY = 40
SERVICE = "/apis/serving.knative.dev/v1/namespaces/default/services/accounts"


class Plane:
    """A gateway with the functions, and a tiny client of them."""

    def __init__(self, gateway: Gateway, key: dict[str, str]) -> None:
        self.gateway = gateway
        self.key = key

    def get(self, path: str, headers: dict[str, str]) -> tuple[int, Any]:
        status, _, answer = self.gateway.call("GET", f"/function{path}", None, headers)
        return status, json.loads(answer) if answer else None

    def ask(self, function: str, things: str, mark: str, count: int = MANY) -> list[str]:
        """Ask for things that are not there, half of them without a key; return their paths."""
        paths = [f"/{things}/{mark}-{number}" for number in range(count)]
        for number, path in enumerate(paths):
            status, _ = self.get(f"/{function}{path}", self.key if number % 2 else {})
            assert status == (404 if number % 2 else 401)
        return paths

    def lines(self, mark: str, **query: str) -> list[Any]:
        """Return all lines of requests whose path has `mark` in it."""
        found: list[Any] = []
        cursor: dict[str, str] = {}
        while True:
            more = {"of": "system", "limit": "1000"} | query | cursor
            status, page = self.get(f"/accounts/activity?{urlencode(more)}", self.key)
            assert status == 200, page
            found += [line for line in page["items"] if mark in line["path"]]
            if page["next"] is None:
                return found
            cursor = {"cursor": page["next"]}

    def wait_for(self, paths: list[str], mark: str) -> list[Any]:
        """Wait until as many lines are there; each must be, once."""
        wait_until(lambda: len(self.lines(mark)) >= len(paths), what="the lines")
        found = self.lines(mark)
        assert sorted(line["path"] for line in found) == sorted(paths)
        return found


@pytest.fixture(scope="module")
def plane(
    broker: Broker,
    emulators: dict[str, str],
    key: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Plane]:
    env = emulators | {"MAYFLY_ACTIVITY": "on"}
    with plane_with(FUNCTIONS, env, broker, tmp_path_factory.mktemp("plane")) as gateway:
        yield Plane(gateway, key)


@pytest.fixture
def mark() -> str:
    return f"mark-{uuid4().hex[:8]}"


def test_each_request_is_one_line(plane: Plane, mark: str) -> None:
    paths = plane.ask("datasets", "datasets", mark) + plane.ask("models", "models", mark)
    found = plane.wait_for(paths, mark)
    assert [line["at"] for line in found] == sorted((line["at"] for line in found), reverse=True)
    assert plane.lines(mark, call=found[0]["call"]) == found[:1]
    for line in found:
        known = line["status"] == 404
        assert line["call"]
        assert (line["kind"], line["workspace"]) == (("key", "main") if known else ("anyone", ""))
    assert {line["function"] for line in plane.lines(mark, status="401")} == {"datasets", "models"}


def test_lines_come_once_after_accounts_was_away(plane: Plane, mark: str) -> None:
    service = plane.gateway.service("accounts")
    assert plane.gateway.ask("DELETE", SERVICE)[0] == 200
    paths = plane.ask("models", "models", mark)
    wait_until(lambda: "lines not taken yet" in log_of(plane, "models"), what="a refusal")
    fresh = {name: service[name] for name in ("apiVersion", "kind", "spec")}
    status, answer = plane.gateway.apply(
        SERVICE.rpartition("/")[0], fresh | {"metadata": {"name": "accounts"}}
    )
    assert status == 201, answer
    plane.wait_for(paths, mark)


def log_of(plane: Plane, function: str) -> str:
    return plane.gateway.call(
        "GET", f"/system/logs?name={function}", None, {"Authorization": plane.gateway.token()}
    )[2].decode()


def test_a_replica_that_ends_tells_the_rest(plane: Plane, mark: str) -> None:
    paths = plane.ask("datasets", "datasets", mark, 10)
    plane.gateway.scale("datasets", 0)
    plane.wait_for(paths, mark)


def test_a_killed_replica_loses_no_more_than_what_it_had_not_told(plane: Plane, mark: str) -> None:
    told = plane.ask("models", "models", f"{mark}-told")
    plane.wait_for(told, f"{mark}-told")
    rest = plane.ask("models", "models", f"{mark}-rest", 4)
    kill(plane, "models")
    later = plane.ask("models", "models", f"{mark}-later", 4)
    plane.wait_for(later, f"{mark}-later")
    paths = [line["path"] for line in plane.lines(mark)]
    assert set(told) | set(later) <= set(paths) <= {*told, *rest, *later}
    assert len(paths) == len(set(paths))


def test_a_gateway_that_ends_leaves_the_rest_where_accounts_finds_it(
    plane: Plane, mark: str
) -> None:
    paths = plane.ask("datasets", "datasets", mark) + plane.ask("models", "models", mark)
    assert plane.gateway.signal(signal.SIGTERM) == 0
    plane.gateway.start()
    plane.wait_for(paths, mark)


def kill(plane: Plane, function: str) -> None:
    assert plane.gateway.process is not None
    for one in replicas(plane.gateway.process.pid, function):
        with contextlib.suppress(ProcessLookupError):
            os.kill(one.pid, signal.SIGKILL)
