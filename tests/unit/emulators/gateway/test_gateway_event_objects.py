"""Brokers, triggers and ping sources, read from deploy files."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from emulators.gateway.errors import GatewayError, Invalid
from emulators.gateway.eventing.pings import event_of
from emulators.gateway.specs.event_delivery import Delivery, iso_seconds
from emulators.gateway.specs.eventing import (
    Broker,
    PingSource,
    Trigger,
    parse_broker,
    parse_ping,
    parse_trigger,
)
from emulators.gateway.specs.sinks import Sink


def thing(kind: str, spec: Any, version: str = "eventing.knative.dev/v1", **metadata: Any) -> bytes:
    metadata = {"name": "x", **metadata}
    return json.dumps(
        {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}
    ).encode()


def test_a_trigger_is_read() -> None:
    service = {"ref": {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "name": "f"}}
    spec = {
        "broker": "b",
        "filter": {"attributes": {"type": "t"}},
        "subscriber": {**service, "uri": "/in"},
        "delivery": {
            "retry": 3,
            "backoffPolicy": "linear",
            "backoffDelay": "PT1.5S",
            "timeout": "PT2S",
            "format": "json",
            "deadLetterSink": {"uri": "http://dead"},
        },
    }
    trigger = parse_trigger(thing("Trigger", spec), "default")
    assert isinstance(trigger, Trigger)
    assert trigger.subscriber == Sink("service", "f", "openfaas-fn", "/in")
    assert trigger.wanted == {"type": "t"}
    assert trigger.delivery == Delivery(
        3, "linear", 1.5, Sink("uri", path="http://dead"), 2.0, "json"
    )


def test_defaults_of_a_broker_are_the_contracts() -> None:
    broker = parse_broker(thing("Broker", {}), "default")
    assert isinstance(broker, Broker)
    assert broker.delivery == Delivery(10, "exponential", 0.2)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ({}, Delivery(0, "exponential", 0.0)),
        ({"retry": 3}, Delivery(3)),
        ({"retry": 3, "backoffDelay": "PT1S"}, Delivery(3)),  # no policy, no wait
        ({"backoffPolicy": "linear"}, Delivery(0, "linear", 0.0)),
        ({"timeout": "P1D"}, Delivery(timeout=86400.0)),
    ],
)
def test_what_a_delivery_leaves_out_has_no_default(written: Any, read: Delivery) -> None:
    broker = parse_broker(thing("Broker", {"delivery": written}), "default")
    assert broker.delivery == read


SERVICE = {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "name": "f"}


@pytest.mark.parametrize(
    ("written", "kind", "address"),
    [
        ({"ref": SERVICE}, "service", "http://f.default.svc.cluster.local"),
        (
            {"ref": SERVICE, "uri": "/in?a=1"},
            "service",
            "http://f.default.svc.cluster.local/in?a=1",
        ),
        ({"ref": SERVICE, "uri": "in"}, "service", "http://f.default.svc.cluster.local/in"),
        ({"ref": {**SERVICE, "namespace": "x"}}, "service", "http://f.x.svc.cluster.local"),
        ({"ref": {**SERVICE, "apiVersion": "v1"}}, "service", "http://f.default.svc.cluster.local"),
        ({"uri": "http://f.default.svc.cluster.local/in"}, "service",
         "http://f.default.svc.cluster.local/in"),
        ({"uri": "http://f.default.svc"}, "service", "http://f.default.svc.cluster.local"),
        ({"uri": "http://broker-ingress.knative-eventing.svc.cluster.local/default/b"}, "broker",
         "http://broker-ingress.knative-eventing.svc.cluster.local/default/b"),
        ({"ref": {"apiVersion": "eventing.knative.dev/v1", "kind": "Broker", "name": "b"}},
         "broker", "http://broker-ingress.knative-eventing.svc.cluster.local/default/b"),
        ({"ref": {"apiVersion": "messaging.knative.dev/v1", "kind": "Channel", "name": "c"}},
         "channel", "http://c-kn-channel.default.svc.cluster.local"),
        ({"ref": {"apiVersion": "flows.knative.dev/v1", "kind": "Sequence", "name": "s"}},
         "channel", "http://s-kn-sequence-0-kn-channel.default.svc.cluster.local"),
        ({"uri": "http://c-kn-channel.n.svc.cluster.local"}, "channel",
         "http://c-kn-channel.n.svc.cluster.local"),
        ({"uri": "https://example.org/x?y=z"}, "uri", "https://example.org/x?y=z"),
    ],
)  # fmt: skip
def test_where_events_go(written: Any, kind: str, address: str) -> None:
    trigger = parse_trigger(thing("Trigger", {"broker": "b", "subscriber": written}), "default")
    assert (trigger.subscriber.kind, trigger.subscriber.uri) == (kind, address)


def test_a_ping_source_is_read_and_its_event_is_the_same_each_time() -> None:
    spec = {"schedule": "* * * * *", "data": "{}", "sink": {"ref": {"kind": "Broker", "name": "b"}}}
    source = parse_ping(thing("PingSource", spec, "sources.knative.dev/v1"), "default")
    assert isinstance(source, PingSource)
    due = datetime(2024, 1, 1, tzinfo=UTC).timestamp()
    event = event_of(source, due)
    assert event == event_of(source, due)
    assert event.attributes["time"] == "2024-01-01T00:00:00Z"
    assert event.attributes["source"] == "/apis/v1/namespaces/default/pingsources/x"
    assert (event.content_type, event.data) == ("", b"{}")


def test_a_ping_source_s_defaults_and_overrides() -> None:
    overrides = {"extensions": {"tenant": "a"}}
    spec = {"sink": {"uri": "http://x"}, "ceOverrides": overrides}
    source = parse_ping(thing("PingSource", spec, "sources.knative.dev/v1"), "default")
    assert (source.schedule, source.timezone) == ("* * * * *", "UTC")
    assert event_of(source, 0).attributes["tenant"] == "a"


@pytest.mark.parametrize("name", ["no-name", "type", "specversion", "datacontenttype"])
def test_extensions_that_no_event_may_have_are_refused(name: str) -> None:
    overrides = {"extensions": {"tenant": "a", name: "a"}}
    spec = {"sink": {"uri": "http://x"}, "ceOverrides": overrides}
    with pytest.raises(Invalid, match=name):
        parse_ping(thing("PingSource", spec, "sources.knative.dev/v1"), "default")


def trigger_to(subscriber: Any, namespace: str = "default", **spec: Any) -> bytes:
    spec |= {"broker": "b", "subscriber": subscriber}
    return thing("Trigger", spec, namespace=namespace)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (thing("Broker", {}), "Broker is not a Trigger"),
        (thing("Trigger", {}), "subscriber"),
        (thing("Trigger", {"subscriber": {"uri": "http://x"}}), "spec.broker"),
        (trigger_to({"uri": "/x"}), "spec.subscriber"),
        (trigger_to({"ref": {"kind": "Channel", "name": "c"}}), "Channel"),
        (trigger_to({"ref": {**SERVICE, "apiVersion": "apps/v1"}}), "apps/v1 Service"),
        (trigger_to({"ref": SERVICE, "uri": "http://x/"}), "whole address"),
        (trigger_to({"uri": "http://x"}, namespace="other"), "namespace"),
        (trigger_to({"uri": "http://x"}, delivery={"retry": -1}), "retry"),
        (trigger_to({"uri": "http://x"}, delivery={"timeout": "PT0S"}), "timeout"),
        (trigger_to({"uri": "http://x"}, delivery={"format": "xml"}), "xml"),
        (b"no", "cannot be read"),
        (b'{"kind": "\xff"}', "cannot be read"),
        (b'{"kind": ' + b"[" * 100_000, "cannot be read"),
    ],
)
def test_wrong_objects_are_refused_by_name(body: bytes, named: str) -> None:
    with pytest.raises(GatewayError, match=named):
        parse_trigger(body, "default")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("PT0.2S", 0.2),
        ("PT1M", 60),
        ("PT1H30S", 3630),
        ("P1D", 86400),
        ("P1WT1,5S", 604801.5),
    ],
)
def test_iso_durations(text: str, value: float) -> None:
    assert iso_seconds(text, "f") == value


@pytest.mark.parametrize("text", ["", "P", "PT", "1s", "P1DT", "PTS", "-PT1S"])
def test_wrong_iso_durations(text: str) -> None:
    with pytest.raises(GatewayError, match="delay"):
        iso_seconds(text, "delay")
