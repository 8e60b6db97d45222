"""CloudEvents as they are read, answered, tried again and given up, without sockets."""

import base64
import json
from typing import Any
from urllib.parse import quote

import msgspec
import pytest

from emulators.gateway.errors import GatewayError, Invalid
from emulators.gateway.eventing.delivery import Queued, Subscription, decode, encode
from emulators.gateway.eventing.event import Event, parse
from emulators.gateway.eventing.passing import passed_on
from emulators.gateway.eventing.replies import judged
from emulators.gateway.eventing.rules import (
    dead_letter,
    enters,
    replied,
    should_retry,
    wait_before,
)
from emulators.gateway.model.queued_call import Outcome
from emulators.gateway.specs.event_delivery import BROKERS_OWN, Delivery
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
    broker = Sink("broker", "b", "openfaas-fn")
    delivery = Delivery(dead_letter=service)
    way = Subscription(("openfaas-fn", "trigger", "t"), service, delivery, broker)
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
