"""CloudEvents, filters, retries and the objects, without sockets."""

import base64
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import msgspec
import pytest

from emulators.gateway.errors import GatewayError, Invalid
from emulators.gateway.eventing.delivery import Queued, Subscription, decode, encode
from emulators.gateway.eventing.event import Event, parse
from emulators.gateway.eventing.passing import passed_on
from emulators.gateway.eventing.pings import event_of
from emulators.gateway.eventing.replies import judged
from emulators.gateway.eventing.rules import (
    dead_letter,
    enters,
    replied,
    should_retry,
    wait_before,
)
from emulators.gateway.model.queued_call import Outcome
from emulators.gateway.specs.event_delivery import BROKERS_OWN, Delivery, iso_seconds
from emulators.gateway.specs.eventing import (
    Broker,
    PingSource,
    Trigger,
    parse_broker,
    parse_ping,
    parse_trigger,
)
from emulators.gateway.specs.sinks import Sink

ATTRIBUTES = {"specversion": "1.0", "id": "7", "source": "/s", "type": "t"}
BINARY = {f"ce-{name}": value for name, value in ATTRIBUTES.items()}
STRUCTURED = {"content-type": "application/cloudevents+json; charset=utf-8"}
EVENT = Event(ATTRIBUTES, "application/json", b'{"a":1}')


def structured(**more: Any) -> bytes:
    return json.dumps(ATTRIBUTES | more).encode()


@pytest.mark.parametrize(
    ("kind", "written", "data"),
    [
        ("application/json", '{"b" : 1.0,\t"a":[ 1e400, 12345678901234567890]}', None),
        ("application/vnd.x+json; charset=utf-8", '"caf\\u00e9"', None),
        ("", "[ 1 ]", None),
        ("text/xml", '"<a>caf\\u00e9</a>"', "<a>caf\u00e9</a>"),
    ],
)
def test_structured_data_stay_byte_for_byte(kind: str, written: str, data: str | None) -> None:
    head = structured(**({"datacontenttype": kind} if kind else {})).decode().rstrip("}")
    event = parse(STRUCTURED, f'{head}, "data": {written}}}'.encode())
    assert event.data == (data or written).encode()
    assert event.content_type == (kind or "application/json")


@pytest.mark.parametrize(
    ("kind", "data", "member"),
    [
        ("application/json", b'{"b" : 1.0}', b'"data":{"b" : 1.0}'),
        ("application/json", b"{no json", b'"data_base64":"e25vIGpzb24="'),
        ("text/plain", b"plain", b'"data":"plain"'),
        ("text/plain", b"\xff", b'"data_base64":"/w=="'),
        ("image/png", b"\x00", b'"data_base64":"AA=="'),
    ],
)
def test_what_is_written_structured_is_read_the_same(kind: str, data: bytes, member: bytes) -> None:
    event = Event(ATTRIBUTES, kind, data)
    body = event.structured()
    assert member in body
    assert parse(STRUCTURED, body) == event


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
        ({"data": None}, "application/json", b"null"),
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
        ({"content-type": "application/cloudevents-batch+json"}, b"[]", Invalid, "batches"),
        ({"content-type": "application/cloudevents+xml"}, b"<e/>", Invalid, "specversion"),
        (STRUCTURED, structured(data={"a": 1}, datacontenttype="text/plain"), Invalid, "str"),
        (STRUCTURED, structured(extra={"a": 1}), Invalid, "extra"),
        ({**BINARY, "ce-time": "yesterday"}, b"", Invalid, "time"),
        ({**BINARY, "ce-time": "2026-13-01T00:00:00Z"}, b"", Invalid, "time"),
        ({**BINARY, "ce-dataschema": "relative"}, b"", Invalid, "dataschema"),
        ({**BINARY, "ce-subject": ""}, b"", Invalid, "subject"),
        ({**BINARY, "ce-id": " "}, b"", Invalid, "id is missing"),
        ({**BINARY, "content-type": "no type at all"}, b"x", Invalid, "datacontenttype"),
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
    assert [wait_before(BROKERS_OWN, n) for n in (1, 2, 3, 10)] == [0.2, 0.4, 0.8, 102.4]
    linear = Delivery(policy="linear", delay=0.5)
    assert [wait_before(linear, n) for n in (1, 2, 3)] == [0.0, 0.5, 1.0]


def test_a_dead_letter_says_where_and_why() -> None:
    dead = dead_letter(EVENT, "http://x", 422, b"y" * 2000).attributes
    assert (dead["knativeerrordest"], dead["knativeerrorcode"]) == ("http://x", "422")
    assert len(dead["knativeerrordata"]) == 1024
    assert base64.b64decode(dead["knativeerrordata"]) == b"y" * 768
    assert dead["id"] == "7"


def test_a_dead_letter_keeps_what_it_was_told_before() -> None:
    dead = dead_letter(dead_letter(EVENT, "http://x", 422, b"no"), "http://y", 0, b"").attributes
    assert (dead["knativeerrordest"], dead["knativeerrorcode"]) == ("http://x", "422")
    assert dead_letter(EVENT, "http://y", 0, b"").attributes["knativeerrorcode"] == "500"


def test_an_event_has_a_time_to_live_that_its_replies_inherit() -> None:
    first = enters(EVENT)
    assert first is not None
    assert first.attributes["knativebrokerttl"] == "255"
    again = enters(replied(EVENT, first))
    assert again is not None
    assert again.attributes["knativebrokerttl"] == "254"
    assert enters(EVENT.extended(knativebrokerttl="1")) is None
    assert enters(EVENT.extended(knativebrokerttl="-5")) is None
    assert enters(EVENT.extended(knativebrokerttl="many")) == first
    assert "knativebrokerttl" not in replied(first, EVENT).attributes


@pytest.mark.parametrize(
    ("status", "headers", "body", "seen", "reply"),
    [
        (200, {}, b"", 200, None),
        (204, {"Content-Type": "text/plain"}, b"", 204, None),
        (200, {}, b"ok", 502, None),
        (200, {"content-type": "application/json"}, b"{}", 502, None),
        (200, {"ce-id": "7", "ce-type": "t"}, b"x", 502, None),  # without its version
        (200, {"ce-specversion": "9", **BINARY, "Ce-Specversion": "9"}, b"x", 502, None),
        (200, STRUCTURED, b"{no json", 502, None),
        (200, {"content-type": "application/cloudevents-batch+json"}, b"[]", 502, None),
        (202, {**BINARY, "content-type": "application/json"}, b'{"a":1}', 202, EVENT),
        (200, STRUCTURED, structured(), 200, Event(ATTRIBUTES)),
        (422, {}, b"no", 422, None),
        (300, BINARY, b"", 300, None),
    ],
)
def test_what_an_answer_means(
    status: int, headers: dict[str, str], body: bytes, seen: int, reply: Event | None
) -> None:
    fields = tuple((name.encode(), value.encode()) for name, value in headers.items())
    outcome, found = judged(Outcome(status, fields, body))
    assert (outcome.status, found) == (seen, reply)


def test_an_attempt_says_what_knative_says() -> None:
    service = Sink("service", "f", "openfaas-fn")
    way = Subscription(("openfaas-fn", "trigger", "t"), service, Delivery(dead_letter=service), "b")
    entered = EVENT.extended(knativebrokerttl="255", knativearrivaltime="now")
    trace = (b"traceparent", b"00-x")
    fields, body = way.request(Queued(entered, fields=(trace,)))
    told = dict(fields)
    assert (told[b"prefer"], told[b"kn-namespace"], told[b"ce-knativearrivaltime"]) == (
        b"reply", b"default", b"now",
    )  # fmt: skip
    assert trace in fields
    assert b"ce-knativebrokerttl" not in told
    assert body == EVENT.data
    dead = dict(way.request(Queued(entered, dead=True))[0])
    assert b"prefer" not in dead
    assert dead[b"kn-namespace"] == b"default"


def test_what_goes_with_an_event_and_what_does_not() -> None:
    trace = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    kept = [
        (b"traceparent", trace),
        (b"x-request-id", b"7"),
        (b"knative-x", b"y"),
        (b"x-b3-traceid", b"z"),
    ]
    assert list(passed_on([*kept, (b"authorization", b"secret"), (b"ce-id", b"1")])) == kept


def test_the_same_event_is_recognised_by_source_and_id() -> None:
    again = Queued(Event({**ATTRIBUTES, "type": "other"}), fields=((b"x-request-id", b"1"),))
    assert Queued(EVENT).once() == again.once()
    assert Queued(EVENT).once() != Queued(EVENT, dead=True).once()
    assert Queued(EVENT).once() != Queued(EVENT.extended(id="8")).once()
    round_trip = EVENT.extended(knativebrokerttl="254")  # the same event, come back as a reply
    assert Queued(EVENT).once() != Queued(round_trip).once()
    assert decode(encode(again)) == again


def test_a_message_of_an_earlier_version_is_read() -> None:
    earlier = {"event": EVENT, "hops": 3, "dead": False}
    assert decode(msgspec.msgpack.encode(earlier)) == Queued(EVENT)


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
    overrides = {"extensions": {"tenant": "a", "type": "custom"}}
    spec = {"sink": {"uri": "http://x"}, "ceOverrides": overrides}
    source = parse_ping(thing("PingSource", spec, "sources.knative.dev/v1"), "default")
    assert (source.schedule, source.timezone) == ("* * * * *", "UTC")
    event = event_of(source, 0)
    assert (event.attributes["tenant"], event.attributes["type"]) == ("a", "custom")
    wrong = {**spec, "ceOverrides": {"extensions": {"no-name": "a"}}}
    with pytest.raises(Invalid, match="no-name"):
        parse_ping(thing("PingSource", wrong, "sources.knative.dev/v1"), "default")


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
