"""A request's trace: kept as it came, gone on with in calls, and named in each line of the log."""

import contextvars
import json
import logging
import re
import subprocess
import sys
from typing import Any

import pytest
import structlog

from functions.kit.adapters import logs
from functions.kit.adapters.config import ConfigError
from functions.kit.adapters.stores import traced_firestore
from functions.kit.adapters.tracing import Tracing
from functions.kit.contract.telemetry import traces
from tests.support.processes import ROOT

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"


@pytest.fixture(autouse=True)
def context() -> Any:
    """Each test has a context of its own, as a request has."""
    token = traces.came_with.set(None)
    yield
    traces.came_with.reset(token)


def test_what_came_is_gone_on_with() -> None:
    for given in (PARENT, f"01{PARENT[2:]}-more"):
        traces.came_with.set(given)
        assert traces.headers() == {"traceparent": given}
        assert traces.current_id() == TRACE


@pytest.mark.parametrize(
    "given",
    [
        *("", "x", PARENT.upper(), PARENT.replace(TRACE, "0" * 32), "ff" + PARENT[2:]),
        *(f"{PARENT}x", f"{PARENT}é", f"{PARENT}-é", f"{PARENT}-a\tb", f"{PARENT}-{'x' * 9000}"),
    ],
)
def test_a_trace_begins_where_none_came_and_is_one(given: str) -> None:
    traces.came_with.set(given)
    made = traces.current()
    assert re.fullmatch("00-[0-9a-f]{32}-[0-9a-f]{16}-00", made)
    assert traces.current() == made, "the same from then on"
    assert traces.current_id() == made.split("-")[1]


@pytest.mark.parametrize("module", ["functions.kit.contract.telemetry.traces", "web.client.traces"])
def test_processes_that_are_forked_begin_traces_of_their_own(module: str) -> None:
    """Replicas and gunicorn's workers are, after this was imported."""
    begin = {"web.client.traces": "begin(None)"}.get(
        module, "came_with.set('') and traces.current()"
    )
    program = f"""
import os
import {module} as traces
for _ in range(3):
    child = os.fork()
    if not child:
        print(traces.{begin}, flush=True)
        os._exit(0)
    os.waitpid(child, 0)
"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert len(set(done.stdout.split())) == 3, done.stdout


def test_outside_of_requests_there_is_none() -> None:
    assert traces.headers() == {}
    assert traces.current_id() == ""
    assert contextvars.Context().run(traces.current) == ""


def test_each_line_names_the_trace(capsys: pytest.CaptureFixture[str]) -> None:
    before, root = structlog.get_config(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        logs.setup("f")
        traces.came_with.set(PARENT)
        structlog.get_logger().error("it broke", model="titanic")
        traces.came_with.set(None)
        structlog.get_logger().error("by itself")
    finally:
        structlog.configure(**before)
        structlog.contextvars.clear_contextvars()
        root.handlers[:] = handlers  # else others write into this test's errors, which are closed
        root.setLevel(level)
    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    assert (first["trace"], first["function"], first["model"]) == (TRACE, "f", "titanic")
    assert "trace" not in second


def test_a_call_of_firestore_says_which_trace_it_belongs_to() -> None:
    class Api:
        def __getattr__(self, name: str) -> Any:
            return lambda request, metadata=(), **_: (name, request, list(metadata))

    api = Api()
    traced_firestore.trace(api)
    traces.came_with.set(PARENT)
    assert api.commit("r", metadata=[("a", "b")], timeout=1) == (
        "commit",
        "r",
        [("a", "b"), ("traceparent", PARENT)],
    )
    traces.came_with.set(None)
    assert api.run_query("r") == ("run_query", "r", [])


@pytest.mark.parametrize(
    ("env", "on"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": " "}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://c/v1/traces"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318", "OTEL_SDK_DISABLED": "true"}, False),
    ],
)
def test_spans_are_for_who_sets_an_endpoint(env: dict[str, str], *, on: bool) -> None:
    assert Tracing(env).on is on


def test_an_endpoint_that_is_none_is_refused_by_name() -> None:
    with pytest.raises(ConfigError, match="OTEL_EXPORTER_OTLP_ENDPOINT='c:4318'"):
        Tracing({"OTEL_EXPORTER_OTLP_ENDPOINT": "c:4318"})


def test_without_an_endpoint_nothing_is_imported_for_spans() -> None:
    tracing = Tracing({})
    assert tracing.request(PARENT) is None
    with tracing.call("Firestore commit"):
        assert traces.current() == ""
