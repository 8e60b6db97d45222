"""CloudEvents, filters, retries and the objects, without sockets."""

import base64
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import msgspec
import pytest

from emulators.gateway.errors import GatewayError, Invalid, UnknownFormat
from emulators.gateway.eventing.delivery import Queued, decode, encode
from emulators.gateway.eventing.event import Event, parse
from emulators.gateway.eventing.pings import event_of
from emulators.gateway.eventing.rules import (
    dead_letter,
    should_retry,
    wait_before,
)
from emulators.gateway.specs.eventing import (
    Broker,
    Delivery,
    PingSource,
    Sink,
    Trigger,
    iso_seconds,
    parse_broker,
    parse_ping,
    parse_trigger,
)

ATTRIBUTES = {"specversion": "1.0", "id": "7", "source": "/s", "type": "t"}
BINARY = {f"ce-{name}": value for name, value in ATTRIBUTES.items()}
STRUCTURED = {"content-type": "application/cloudevents+json; charset=utf-8"}
EVENT = Event(ATTRIBUTES, "application/json", b'{"a":1}')


def structured(**more: Any) -> bytes:
    return json.dumps(ATTRIBUTES | more).encode()


def test_both_modes_give_the_same_event() -> None:
    binary = parse({**BINARY, "content-type": "application/json"}, b'{"a": 1}')
    whole = parse(STRUCTURED, structured(data={"a": 1}))
    assert binary == whole == Event(ATTRIBUTES, "application/json", b'{"a": 1}')
    assert (
        parse({"content-type": "Application/CloudEvents+JSON"}, structured(data={"a": 1})) == whole
    )


@pytest.mark.parametrize(
    ("more", "content_type", "data"),
    [
        ({}, "", b""),
        ({"data_base64": "AAE=", "datacontenttype": "x/y"}, "x/y", b"\x00\x01"),
        ({"data": "text", "datacontenttype": "text/plain"}, "text/plain", b"text"),
        ({"data": "text"}, "application/json", b'"text"'),
    ],
)
def test_data_of_the_structured_mode(more: Any, content_type: str, data: bytes) -> None:
    event = parse(STRUCTURED, structured(**more))
    assert (event.content_type, event.data) == (content_type, data)


def test_binary_data_pass_as_they_are() -> None:
    event = parse({**BINARY, "content-type": "application/json"}, b"\xff not json")
    assert event.data == b"\xff not json"


def test_attributes_are_percent_encoded_in_headers_alone() -> None:
    event = parse({**BINARY, "ce-subject": "caf%C3%A9%20%22"}, b"")
    assert event.attributes["subject"] == 'café "'
    assert (b"ce-subject", b"caf%C3%A9%20%22") in event.headers()


@pytest.mark.parametrize(
    ("headers", "body", "kind", "named"),
    [
        ({}, b"", Invalid, "specversion"),
        ({k: v for k, v in BINARY.items() if k != "ce-id"}, b"", Invalid, "id"),
        ({**BINARY, "ce-specversion": "9"}, b"", Invalid, "specversion"),
        ({**BINARY, "ce-bad-name": "x"}, b"", Invalid, "bad-name"),
        (STRUCTURED, b"{", Invalid, "CloudEvent"),
        (STRUCTURED, b"[]", Invalid, "CloudEvent"),
        (STRUCTURED, b'{"id": "\xff"}', Invalid, "CloudEvent"),
        (STRUCTURED, structured().decode().encode("utf-16"), Invalid, "CloudEvent"),
        (STRUCTURED, structured(data=float("nan")), Invalid, "CloudEvent"),
        (STRUCTURED, b'{"data": ' + b"[" * 100_000, Invalid, "CloudEvent"),
        ({"content-type": "application/cloudevents-batch+json"}, b"[]", UnknownFormat, "batches"),
    ],
)
def test_what_is_no_event_is_refused(
    headers: dict[str, str], body: bytes, kind: type[GatewayError], named: str
) -> None:
    with pytest.raises(kind, match=named):
        parse(headers, body)


@pytest.mark.parametrize("end", ["\r\nX-Api-Key: forged", "\nx", "\r\n\r\nGET / HTTP/1.1", "\x00"])
def test_a_content_type_adds_no_fields_and_no_requests(end: str) -> None:
    kind = f"text/plain{end}"
    event = {"specversion": "1.0", "id": "1", "source": "/s", "type": "t", "datacontenttype": kind}
    for headers, body in (
        (STRUCTURED, json.dumps({**event, "data": "x"}).encode()),
        ({**BINARY, "ce-datacontenttype": quote(kind)}, b"x"),
    ):
        with pytest.raises(Invalid, match="datacontenttype"):
            parse(headers, body)


@pytest.mark.parametrize("status", [0, 404, 408, 409, 429, 500, 503, 599])
def test_retried(status: int) -> None:
    assert should_retry(Delivery(retry=2), status, 2)
    assert not should_retry(Delivery(retry=2), status, 3)


@pytest.mark.parametrize("status", [300, 400, 401, 403, 410, 422])
def test_not_retried(status: int) -> None:
    assert not should_retry(Delivery(), status, 1)


def test_waits_double_or_grow() -> None:
    assert [wait_before(Delivery(), n) for n in (1, 2, 3, 10)] == [0.2, 0.4, 0.8, 102.4]
    linear = Delivery(policy="linear", delay=0.5)
    assert [wait_before(linear, n) for n in (1, 2, 3)] == [0.5, 1.0, 1.5]


def test_a_dead_letter_says_where_and_why() -> None:
    dead = dead_letter(EVENT, "http://x", 422, b"y" * 2000).attributes
    assert (dead["knativeerrordest"], dead["knativeerrorcode"]) == ("http://x", "422")
    assert base64.b64decode(dead["knativeerrordata"]) == b"y" * 1024
    assert dead["id"] == "7"


def test_the_same_event_is_recognised_by_source_and_id() -> None:
    again = Queued(Event({**ATTRIBUTES, "type": "other"}), hops=3)
    assert Queued(EVENT).once() == again.once()
    assert Queued(EVENT).once() != Queued(EVENT, dead=True).once()
    assert Queued(EVENT).once() != Queued(EVENT.extended(id="8")).once()
    assert decode(encode(again)) == again


def test_a_message_that_is_none_of_ours_is_named_so() -> None:
    with pytest.raises(msgspec.DecodeError, match="utf-8"):
        decode(encode(Queued(EVENT)).replace(b"/s", b"/\xff"))


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
            "deadLetterSink": {"uri": "http://dead"},
        },
    }
    trigger = parse_trigger(thing("Trigger", spec), "default")
    assert isinstance(trigger, Trigger)
    assert trigger.subscriber == Sink("service", "f", "openfaas-fn", "/in")
    assert trigger.wanted == {"type": "t"}
    assert trigger.delivery == Delivery(3, "linear", 1.5, Sink("uri", path="http://dead"))


def test_defaults_of_a_broker_are_the_contracts() -> None:
    broker = parse_broker(thing("Broker", {}), "default")
    assert isinstance(broker, Broker)
    assert broker.delivery == Delivery(10, "exponential", 0.2)


def test_a_ping_source_is_read_and_its_event_is_the_same_each_time() -> None:
    spec = {"schedule": "* * * * *", "data": "{}", "sink": {"ref": {"kind": "Broker", "name": "b"}}}
    source = parse_ping(thing("PingSource", spec, "sources.knative.dev/v1"), "default")
    assert isinstance(source, PingSource)
    due = datetime(2024, 1, 1, tzinfo=UTC).timestamp()
    event = event_of(source, due)
    assert event == event_of(source, due)
    assert event.attributes["time"] == "2024-01-01T00:00:00Z"
    assert event.attributes["source"] == "/apis/v1/namespaces/default/pingsources/x"
    assert (event.content_type, event.data) == ("application/json", b"{}")


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (thing("Broker", {}), "Broker is not a Trigger"),
        (thing("Trigger", {}), "subscriber"),
        (thing("Trigger", {"subscriber": {"uri": "/x"}}), "spec.subscriber"),
        (thing("Trigger", {"subscriber": {"ref": {"kind": "Channel", "name": "c"}}}), "Channel"),
        (thing("Trigger", {"subscriber": {"uri": "http://x"}}, namespace="other"), "namespace"),
        (
            thing("Trigger", {"subscriber": {"uri": "http://x"}, "delivery": {"retry": -1}}),
            "retry",
        ),
        (b"no", "cannot be read"),
        (b'{"kind": "\xff"}', "cannot be read"),
        (b'{"kind": ' + b"[" * 100_000, "cannot be read"),
    ],
)
def test_wrong_objects_are_refused_by_name(body: bytes, named: str) -> None:
    with pytest.raises(GatewayError, match=named):
        parse_trigger(body, "default")


@pytest.mark.parametrize(("text", "value"), [("PT0.2S", 0.2), ("PT1M", 60), ("PT1H30S", 3630)])
def test_iso_durations(text: str, value: float) -> None:
    assert iso_seconds(text, "f") == value


@pytest.mark.parametrize("text", ["", "PT", "1s", "P1D", "PTS"])
def test_wrong_iso_durations(text: str) -> None:
    with pytest.raises(GatewayError, match="delay"):
        iso_seconds(text, "delay")
