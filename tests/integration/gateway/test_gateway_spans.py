"""Spans of calls, sent to a collector over OTLP/HTTP."""

import json
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.integration.gateway.events import SERVICE, Scene, an_event
from tests.support.processes import PATIENCE, wait_until
from tests.support.servers.collector import Collector, attributes

TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
PARENT = f"00-{TRACE}-{CALLER}-01"


@pytest.fixture
def collector() -> Iterator[Collector]:
    collector = Collector()
    yield collector
    collector.close()


def exporting(gateway: Any, collector: Collector, **env: str) -> Any:
    """The gateway, started anew with an endpoint."""
    gateway.signal(signal.SIGTERM)
    address = f"http://127.0.0.1:{collector.server.server_port}"
    gateway.env = {"OTEL_EXPORTER_OTLP_ENDPOINT": address, "OTEL_BSP_SCHEDULE_DELAY": "50", **env}
    gateway.start()
    return gateway


def seen_by_function(gateway: Any, name: str, **headers: str) -> str:
    """The ``traceparent`` that the function gets."""
    answer = gateway.call("GET", f"/function/{name}/headers?key=secret", headers=headers)[2]
    return str(json.loads(answer)["Traceparent"])


def test_a_call_is_a_span_between_its_caller_and_the_function(
    own_gateway: Any, collector: Collector
) -> None:
    gateway = exporting(own_gateway, collector)
    gateway.deploy("spanned")
    gateway.scale("spanned", 0)
    fields = {"traceparent": PARENT, "tracestate": "a=b", "X-Call-Id": "call-1"}
    passed = seen_by_function(gateway, "spanned", **fields)
    wait_until(lambda: len(collector.spans) == 2, what="two spans")
    child, span = sorted(collector.spans, key=lambda s: s.kind)
    assert (span.kind, span.name) == (Span.SPAN_KIND_SERVER, "GET spanned.openfaas-fn")
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, CALLER)
    assert passed == f"00-{TRACE}-{span.span_id.hex()}-01"
    replica = attributes(span)["faas.instance"]
    assert replica.startswith("spanned-00001-")
    assert attributes(span) == {
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "url.path": "/headers",
        "url.scheme": "http",
        "faas.name": "spanned.openfaas-fn",
        "faas.version": "spanned-00001",
        "faas.instance": replica,
        "faas.coldstart": True,
        "faas.invocation_id": "call-1",
    }
    assert (child.name, child.parent_span_id) == ("cold start", span.span_id)
    begun, ended = span.start_time_unix_nano, span.end_time_unix_nano
    assert begun - 1e6 <= child.start_time_unix_nano < child.end_time_unix_nano <= ended + 1e6
    assert abs(ended - time.time_ns()) < 60e9
    assert collector.services == {"mayfly-gateway"}
    assert collector.paths.get_nowait() == "/v1/traces"


def test_a_trace_begins_where_there_is_none_and_an_unsampled_one_is_left_alone(
    own_gateway: Any, collector: Collector
) -> None:
    gateway = exporting(own_gateway, collector, OTEL_SERVICE_NAME="mine")
    gateway.deploy("begun")
    unsampled = PARENT[:-1] + "0"
    assert seen_by_function(gateway, "begun", traceparent=unsampled) == unsampled
    made = seen_by_function(gateway, "begun", traceparent="wrong").split("-")
    assert gateway.call("GET", "/function/begun/status?code=503")[0] == 503
    wait_until(lambda: len(collector.of("begun")) == 2, what="two spans")
    first, second = collector.of("begun")
    assert (first.trace_id.hex(), first.span_id.hex()) == (made[1], made[2])
    assert int(made[3], 16) & 1, "sampled"
    assert first.parent_span_id == b""
    assert first.status.code == Status.STATUS_CODE_UNSET
    assert (attributes(first)["faas.coldstart"], len(collector.spans)) == (False, 2)
    assert second.status.code == Status.STATUS_CODE_ERROR
    assert second.trace_id != first.trace_id
    assert collector.services == {"mine"}


def test_a_queued_call_goes_on_with_the_trace_that_accepted_it(
    own_gateway: Any, collector: Collector
) -> None:
    gateway = exporting(own_gateway, collector)
    gateway.deploy("postponed")
    status, headers, _ = gateway.call(
        "POST", "/async-function/postponed/x", "body", {"traceparent": PARENT}
    )
    assert status == 202
    wait_until(lambda: len(collector.of("postponed")) == 2, what="two spans")
    accepted, carried_out = sorted(collector.of("postponed"), key=lambda s: s.kind)
    assert (accepted.kind, carried_out.kind) == (Span.SPAN_KIND_PRODUCER, Span.SPAN_KIND_CONSUMER)
    assert attributes(accepted)["http.response.status_code"] == 202
    assert accepted.parent_span_id.hex() == CALLER
    assert carried_out.parent_span_id == accepted.span_id
    assert carried_out.trace_id.hex() == TRACE
    ids = {attributes(span)["faas.invocation_id"] for span in (accepted, carried_out)}
    assert ids == {headers["x-call-id"]}


def test_an_event_goes_on_with_the_trace_that_it_came_with(
    own_gateway: Any, collector: Collector
) -> None:
    scene = Scene(exporting(own_gateway, collector), "spans")
    scene.gateway.deploy("told")
    scene.trigger("one", {"ref": {**SERVICE, "name": "told"}, "uri": "/empty"})
    scene.send(an_event(id="7"), traceparent=PARENT)
    wait_until(lambda: len(collector.of("told")) == 1, what="the delivery's span")
    (told,) = collector.of("told")
    taken = next(s for s in collector.spans if attributes(s).get("faas.name") == "spans.default")
    assert (taken.kind, told.kind) == (Span.SPAN_KIND_PRODUCER, Span.SPAN_KIND_CONSUMER)
    assert attributes(taken)["faas.invocation_id"] == "7"
    assert (taken.trace_id.hex(), taken.parent_span_id.hex()) == (TRACE, CALLER)
    assert (told.trace_id.hex(), told.parent_span_id) == (TRACE, taken.span_id)


def test_sigterm_sends_what_is_left(own_gateway: Any, collector: Collector) -> None:
    gateway = exporting(own_gateway, collector, OTEL_BSP_SCHEDULE_DELAY="600000")
    gateway.deploy("last")
    for _ in range(20):
        assert gateway.call("GET", "/function/last/")[0] == 200
    assert collector.spans == []
    assert gateway.signal(signal.SIGTERM) == 0
    assert len(collector.of("last")) == 20


def test_a_collector_that_hangs_holds_nothing_up(own_gateway: Any, collector: Collector) -> None:
    gateway = exporting(own_gateway, collector)
    gateway.deploy("unheld")
    collector.goes_on.clear()
    assert gateway.call("GET", "/function/unheld/")[0] == 200
    collector.paths.get(timeout=PATIENCE)  # a batch hangs
    slowest = 0.0
    for _ in range(50):
        began = time.monotonic()
        assert gateway.call("GET", "/function/unheld/")[0] == 200
        slowest = max(slowest, time.monotonic() - began)
    assert slowest < 8  # the exporter gives up after 10, the collector hangs for 60
    began = time.monotonic()
    assert gateway.signal(signal.SIGTERM) == 0
    assert time.monotonic() - began < 40  # its bound is 5, and the collector hangs for 60


def test_a_collector_that_is_away_costs_no_call(own_gateway: Any, collector: Collector) -> None:
    gateway = exporting(own_gateway, collector, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9")
    gateway.deploy("alone")
    for _ in range(10):
        assert gateway.call("GET", "/function/alone/")[0] == 200
    assert gateway.signal(signal.SIGTERM) == 0
