"""Filters, answers, headers, data and loops as a real Knative's broker has them."""

import base64
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from cloudevents.conversion import to_binary, to_structured

from tests.integration.gateway.events import (
    EVENTING,
    INGRESS,
    Receiver,
    Scene,
    an_event,
    raw_structured,
    receiver,
)
from tests.support.processes import wait_until

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
QUICK = {"retry": 2, "backoffPolicy": "linear", "backoffDelay": "PT0.01S"}


@pytest.fixture
def scene(gateway: Any, request: pytest.FixtureRequest) -> Iterator[Scene]:
    scene = Scene(gateway, f"r{abs(hash(request.node.name)) % 10**8}")
    yield scene
    for trigger in gateway.ask("GET", f"{EVENTING}/triggers")[1]["items"]:
        gateway.ask("DELETE", f"{EVENTING}/triggers/{trigger['metadata']['name']}")


@pytest.fixture
def one() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


@pytest.fixture
def two() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


def test_filters_decide_what_is_delivered(scene: Scene, one: Receiver, two: Receiver) -> None:
    dialects = [
        {"any": [{"prefix": {"type": "com.shop."}}, {"suffix": {"source": "/eu"}}]},
        {"not": {"exact": {"tone": "cold"}}},
    ]
    scene.trigger("some", one, filters=dialects, filter={"attributes": {"type": "overridden"}})
    scene.trigger("all", two, filters=[])
    for number, (kind, source, tone) in enumerate([
        ("com.shop.order", "/test", "warm"),
        ("com.shop.order", "/test", "cold"),
        ("org.else", "/orders/eu", ""),
        ("org.else", "/orders/us", ""),
    ]):  # fmt: skip
        more = {"tone": tone} if tone else {}
        event = an_event(kind, {"n": 1}, id=str(number), source=source, **more)
        scene.send(event, to_structured if number % 2 else to_binary)
    two.wait(4)
    assert sorted(two.ids) == ["0", "1", "2", "3"]
    one.wait(2)
    assert sorted(one.ids) == ["0", "2"]


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        ({}, b"ok"),
        ({"content-type": "application/json"}, b'{"fine": true}'),
        ({"content-type": "application/cloudevents+json"}, b"{no json"),
        ({"content-type": "application/cloudevents-batch+json"}, b"[]"),
    ],
)
def test_a_2xx_whose_body_is_no_event_is_a_failed_delivery(
    scene: Scene, one: Receiver, two: Receiver, fields: dict[str, str], body: bytes
) -> None:
    one.answer = lambda _: (200, fields, body)
    scene.trigger("one", one, delivery={**QUICK, "deadLetterSink": {"uri": two.url}})
    scene.send(an_event(id="7"))
    (dead,) = two.wait(1)
    assert one.ids == ["7"] * 3
    assert (dead.event["id"], dead.event["knativeerrorcode"]) == ("7", "502")
    assert dead.event["knativeerrordest"] == one.url
    assert base64.b64decode(dead.event["knativeerrordata"]) == body
    assert scene.counted("one", "delivered") == 0


@pytest.mark.parametrize("status", [200, 202, 204])
def test_an_empty_2xx_is_a_delivery(scene: Scene, one: Receiver, status: int) -> None:
    one.answer = lambda _: (status, {"content-type": "text/plain"}, b"")
    scene.trigger("one", one, delivery=QUICK)
    scene.send(an_event())
    wait_until(lambda: scene.counted("one", "delivered") == 1, what="the delivery")
    assert len(one.taken) == 1


@pytest.mark.parametrize("convert", [to_binary, to_structured])
def test_an_event_in_the_answer_goes_back_to_the_broker(
    scene: Scene, one: Receiver, two: Receiver, convert: Any
) -> None:
    def answer(_: object) -> tuple[int, dict[str, str], bytes]:
        headers, body = convert(an_event("answer", {"to": "you"}, id="r"))
        return 200, dict(headers), body

    one.answer = answer
    scene.trigger("one", one, filters=[{"exact": {"type": "greeting"}}])
    scene.trigger("two", two, filters=[{"exact": {"type": "answer"}}])
    scene.send(an_event(), traceparent=TRACE)
    (reply,) = two.wait(1)
    assert (reply.event["id"], json.loads(reply.body)) == ("r", {"to": "you"})
    assert reply.headers["traceparent"] == TRACE


def test_a_reply_that_the_broker_refuses_is_a_dead_letter(
    scene: Scene, one: Receiver, two: Receiver
) -> None:
    one.answer = lambda _: (200, {"ce-specversion": "1.0", "ce-type": "no.id"}, b"x")
    scene.trigger("one", one, delivery={**QUICK, "deadLetterSink": {"uri": two.url}})
    scene.send(an_event(id="7"))
    (dead,) = two.wait(1)
    assert one.ids == ["7"]  # 400 is not tried again
    assert (dead.event["id"], dead.event["knativeerrorcode"]) == ("7", "400")
    assert dead.event["knativeerrordest"] == f"http://{INGRESS}/default/{scene.broker}"


def test_an_event_comes_round_as_often_as_its_time_to_live_allows(
    scene: Scene, one: Receiver, two: Receiver
) -> None:
    def echo(taken: Any) -> tuple[int, dict[str, str], bytes]:
        fields = {k: v for k, v in taken.headers.items() if k.startswith(("ce-", "content-type"))}
        return 200, fields, taken.body

    one.answer = echo
    scene.trigger("one", one, delivery={"deadLetterSink": {"uri": two.url}})
    scene.send(an_event(id="7", knativebrokerttl="4"))
    (dead,) = two.wait(1)
    assert one.ids == ["7"] * 3
    assert all("ce-knativebrokerttl" not in taken.headers for taken in one.taken)
    assert dead.event["knativeerrorcode"] == "400"
    headers, body = to_binary(an_event(knativebrokerttl="1"))
    assert scene.post(headers, body) == 400


def test_a_delivery_has_knative_s_headers(scene: Scene, one: Receiver) -> None:
    scene.trigger("one", one)
    began = datetime.now(UTC)
    passed = {"x-request-id": "17", "knative-history": "h", "x-b3-traceid": "b"}
    kept_back = {"authorization": "Bearer secret", "cookie": "c=1", "x-other": "o"}
    extension = "00-11111111111111111111111111111111-2222222222222222-00"
    event = an_event(traceparent=extension, tracestate="a=b")
    headers, body = to_binary(event)
    fields = {"traceparent": TRACE, "tracestate": "x=y", **passed, **kept_back}
    assert scene.post({**headers, **fields}, body) == 202
    (taken,) = one.wait(1)
    told = taken.headers
    assert told["prefer"] == "reply"
    assert told["kn-namespace"] == "default"
    assert (told["traceparent"], told["tracestate"]) == (TRACE, "x=y")
    assert {name: told[name] for name in passed} == passed
    assert not kept_back.keys() & told.keys()
    assert (taken.event["traceparent"], taken.event["tracestate"]) == (extension, "a=b")
    arrived = datetime.fromisoformat(taken.event["knativearrivaltime"])
    assert abs((arrived - began).total_seconds()) < 60


def test_a_trace_begins_where_none_came(scene: Scene, one: Receiver) -> None:
    scene.trigger("one", one)
    scene.send(an_event())
    (taken,) = one.wait(1)
    assert len(taken.headers["traceparent"].split("-")[1].strip("0")) > 0


@pytest.mark.parametrize(
    ("kind", "written", "data"),
    [
        ("application/json", '{"b" : 1.0,\t"a": [1e2, 123456789012345678901]}', None),
        ("application/vnd.x+json", '"caf\\u00e9"', None),
        ("text/xml", '"<a>caf\\u00e9</a>"', "<a>caf\u00e9</a>".encode()),
        ("text/plain", '"{\\"a\\": 1}"', b'{"a": 1}'),
    ],
)
def test_structured_data_come_byte_for_byte(
    scene: Scene, one: Receiver, kind: str, written: str, data: bytes | None
) -> None:
    scene.trigger("one", one)
    assert scene.post(*raw_structured(written, datacontenttype=kind)) == 202
    (taken,) = one.wait(1)
    assert taken.body == (data or written.encode())
    assert taken.headers["content-type"] == kind


@pytest.mark.parametrize("convert", [to_binary, to_structured])
def test_bytes_come_as_they_were(scene: Scene, one: Receiver, convert: Any) -> None:
    scene.trigger("one", one)
    data = bytes(range(256))
    event = an_event(data=data, datacontenttype="image/png; x=y")
    scene.send(event, convert)
    (taken,) = one.wait(1)
    assert taken.body == data
    assert taken.headers["content-type"] == "image/png; x=y"


def test_binary_json_is_not_written_anew(scene: Scene, one: Receiver) -> None:
    scene.trigger("one", one)
    headers, _ = to_binary(an_event(data={}, datacontenttype="application/json"))
    body = b'{"a" :1,  "a": 2} not json at all \xff'
    assert scene.post(headers, body) == 202
    (taken,) = one.wait(1)
    assert taken.body == body


def test_a_trigger_may_want_the_structured_mode(scene: Scene, one: Receiver) -> None:
    scene.trigger("one", one, delivery={"format": "json"})
    scene.send(an_event(data={"a": 1}, id="7", datacontenttype="application/json"))
    (taken,) = one.wait(1)
    assert taken.headers["content-type"].startswith("application/cloudevents+json")
    assert (taken.event["id"], json.loads(taken.event.data)) == ("7", {"a": 1})


def test_the_ingress_answers_as_knative_s(scene: Scene) -> None:
    headers, body = to_binary(an_event())
    host = {"host": INGRESS}
    assert scene.post(headers, body) == 202
    assert scene.post(headers, body, f"/default/{scene.broker}/") == 202
    assert scene.post(headers, body, "/default/nowhere") == 404
    assert scene.post(headers, body, f"/other/{scene.broker}") == 404
    assert scene.post(headers, body, "/") == 404
    assert scene.post(headers, body, "/default") == 400
    assert scene.post(headers, body, f"/default/{scene.broker}/more") == 400
    assert scene.post({}, b"{}") == 400
    assert scene.post({}, b"{}", "/default/nowhere") == 400  # the event is looked at first
    batch = json.dumps([json.loads(to_structured(an_event())[1])]).encode()
    assert scene.post({"content-type": "application/cloudevents-batch+json"}, batch) == 400
    assert scene.post({**headers, "ce-time": "soon"}, body) == 400
    for method in ("GET", "PUT", "DELETE"):
        assert scene.gateway.call(method, f"/default/{scene.broker}", None, host)[0] == 405
    status, told, _ = scene.gateway.call("OPTIONS", f"/default/{scene.broker}", None, host)
    assert (status, told["webhook-allowed-origin"], told["allow"]) == (200, "*", "POST, OPTIONS")


def test_an_event_that_is_too_large_is_refused_and_one_below_is_not(
    scene: Scene, one: Receiver
) -> None:
    scene.trigger("one", one)
    headers, _ = to_binary(an_event(id="large", datacontenttype="x/y", data=b""))
    assert scene.post(headers, b"x" * (1 << 20)) == 413
    assert scene.post(headers, b"x" * 900_000) == 202
    (taken,) = one.wait(1)
    assert len(taken.body) == 900_000


def test_an_attempt_has_its_timeout(scene: Scene, one: Receiver, two: Receiver) -> None:
    def answer(taken: Any) -> tuple[int, dict[str, str], bytes]:
        if len(one.taken) == 1:
            time.sleep(1.5)  # longer than the trigger gives it
        return 202, {}, b""

    one.answer = answer
    scene.trigger("one", one, delivery={**QUICK, "timeout": "PT0.3S"})
    scene.send(an_event())
    one.wait(2)
    wait_until(lambda: scene.counted("one", "delivered") == 1, what="the second attempt")
    assert scene.counted("one", "retried") == 1


def test_a_delivery_that_says_something_takes_nothing_from_the_broker_s_but_its_sink(
    scene: Scene, one: Receiver, two: Receiver
) -> None:
    one.answer = lambda _: (503, {}, b"away")
    dead = {"deadLetterSink": {"uri": f"{two.url}/dead"}}
    scene.put("Broker", "brokers", scene.broker, delivery={**QUICK, "retry": 1, **dead})
    scene.trigger("one", one, delivery={"backoffPolicy": "linear"})
    scene.send(an_event(id="once"))
    two.wait(1)
    assert one.ids == ["once"]
    scene.trigger("one", one)  # without a delivery of its own it has the broker's
    scene.send(an_event(id="twice"))
    two.wait(2)
    assert one.ids == ["once", "twice", "twice"]
    assert [taken.path for taken in two.taken] == ["/dead"] * 2
    assert {taken.event["knativeerrordest"] for taken in two.taken} == {one.url}
    assert all("prefer" not in taken.headers for taken in two.taken)


def test_nobody_there_is_told_as_500(scene: Scene, two: Receiver) -> None:
    with receiver() as gone:
        pass
    scene.trigger("one", gone, delivery={"deadLetterSink": {"uri": two.url}})
    scene.send(an_event())
    (dead,) = two.wait(1)
    assert dead.event["knativeerrorcode"] == "500"
