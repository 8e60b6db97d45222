"""Channels, subscriptions and sequences on a real queue, with the official SDK at both ends."""

import contextlib
import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from cloudevents.conversion import to_binary, to_structured
from cloudevents.http import CloudEvent

from tests.integration.gateway.conftest import BROKER, SERVICE, Gateway
from tests.integration.gateway.events import EVENTING, Receiver, Taken, an_event, receiver
from tests.support.processes import wait_until

MESSAGING = "/apis/messaging.knative.dev/v1/namespaces/default"
FLOWS = "/apis/flows.knative.dev/v1/namespaces/default"
SOURCES = "/apis/sources.knative.dev/v1/namespaces/default"
CHANNEL = {"apiVersion": "messaging.knative.dev/v1", "kind": "Channel"}
FAST = {"retry": 2, "backoffPolicy": "linear", "backoffDelay": "PT0.01S"}
PLACES = {
    "Broker": f"{EVENTING}/brokers",
    "Trigger": f"{EVENTING}/triggers",
    "PingSource": f"{SOURCES}/pingsources",
    "Sequence": f"{FLOWS}/sequences",
    "Subscription": f"{MESSAGING}/subscriptions",
    "Channel": f"{MESSAGING}/channels",
    "InMemoryChannel": f"{MESSAGING}/inmemorychannels",
}
# As the appender of Knative's samples: it answers each event with more text and another type.
APPENDER = """
import os
from cloudevents.conversion import to_binary
from cloudevents.http import CloudEvent, from_http

def handle(request):
    event = from_http(dict(request.headers), request.get_data())
    message = event.data["message"] + os.environ["MESSAGE"]
    kept = {name: event[name] for name in ("id", "source", "type")}
    headers, body = to_binary(
        CloudEvent({**kept, "datacontenttype": "application/json"}, {"message": message})
    )
    return body, 200, headers
"""
# https://knative.dev/docs/eventing/flows/sequence/sequence-reply-to-event-display/
SEQUENCE = """
apiVersion: flows.knative.dev/v1
kind: Sequence
metadata:
  name: sequence
spec:
  channelTemplate:
    apiVersion: messaging.knative.dev/v1
    kind: InMemoryChannel
  steps:
    - ref:
        apiVersion: serving.knative.dev/v1
        kind: Service
        name: first
    - ref:
        apiVersion: serving.knative.dev/v1
        kind: Service
        name: second
    - ref:
        apiVersion: serving.knative.dev/v1
        kind: Service
        name: third
"""


class Flow:
    """Channels of a gateway, and what is sent to them."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway

    def apply(self, thing: dict[str, Any]) -> None:
        status, answer = self.gateway.apply(PLACES[thing["kind"]], thing)
        assert status in (200, 201), answer

    def put(self, kind: str, name: str, **spec: Any) -> None:
        version = "/".join(PLACES[kind].split("/")[2:4])
        metadata = {"name": name}
        self.apply({"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec})

    def subscribe(self, name: str, subscriber: Receiver, channel: str = "c", **spec: Any) -> None:
        to = {"uri": subscriber.url}
        self.put("Subscription", name, channel={**CHANNEL, "name": channel}, subscriber=to, **spec)

    def appender(self, name: str, message: str) -> None:
        folder = self.gateway.write_function(name, code=APPENDER)
        env = [{"name": "MESSAGE", "value": message}]
        self.gateway.deploy(name, image=str(folder), container={"env": env})

    def send(self, event: CloudEvent, channel: str = "c") -> int:
        headers, body = to_binary(event)
        host = f"{channel}-kn-channel.default.svc.cluster.local"
        return self.gateway.call("POST", "/", body, {**headers, "host": host})[0]

    def get(self, kind: str, name: str) -> Any:
        return self.gateway.ask("GET", f"{PLACES[kind]}/{name}")[1]

    def delete(self, kind: str, name: str) -> tuple[int, Any]:
        return self.gateway.ask("DELETE", f"{PLACES[kind]}/{name}")

    def names(self, kind: str) -> list[str]:
        items = self.gateway.ask("GET", PLACES[kind])[1]["items"]
        return [item["metadata"]["name"] for item in items]


@pytest.fixture
def flow(gateway: Any) -> Iterator[Flow]:
    flow = Flow(gateway)
    yield flow
    for kind in PLACES:
        for item in gateway.ask("GET", PLACES[kind])[1]["items"]:
            if "ownerReferences" not in item["metadata"]:
                assert flow.delete(kind, item["metadata"]["name"])[0] == 200


def conditions(thing: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {c["type"]: (c["status"], c.get("reason", "")) for c in thing["status"]["conditions"]}


def answered(text: str, **attributes: str) -> Any:
    """A receiver's answer: an event with the id of what it got."""

    def answer(taken: Taken) -> Any:
        given = {"type": "answer", "source": "/answers", "id": taken.event["id"], **attributes}
        headers, body = to_binary(CloudEvent({**given, "datacontenttype": "text/plain"}, text))
        return 200, dict(headers), body

    return answer


def test_a_channel_hands_each_event_to_every_subscription(flow: Flow) -> None:
    flow.put("Channel", "c")
    url = flow.get("Channel", "c")["status"]["address"]["url"]
    assert url == f"http://c-kn-channel.default.localhost:{flow.gateway.port}"
    with receiver() as one, receiver() as two:
        flow.subscribe("one", one)
        flow.subscribe("two", two)
        assert flow.send(an_event(id="1", data={"a": 1})) == 202
        headers, body = to_structured(an_event(id="2"))
        status, _, _ = flow.gateway.call("POST", "/channel/default/c", body, dict(headers))
        assert status == 202
        for each in (one, two):
            each.wait(2)
            assert sorted(each.ids) == ["1", "2"]
        (first,) = (taken for taken in one.taken if taken.event["id"] == "1")
        assert json.loads(first.body) == {"a": 1}
        assert (first.headers["prefer"], first.headers["kn-namespace"]) == ("reply", "default")
        assert "ce-knativearrivaltime" not in first.headers


def test_what_a_channel_refuses(flow: Flow) -> None:
    flow.put("InMemoryChannel", "c")
    host = {"host": "c-kn-channel.default.svc.cluster.local"}
    assert flow.gateway.call("POST", "/", b"{}", host)[0] == 400
    assert flow.gateway.call("GET", "/", None, host)[0] == 405
    assert flow.gateway.call("OPTIONS", "/", None, host)[0] == 200
    headers, body = to_binary(an_event())
    assert flow.gateway.call("POST", "/path", body, {**headers, **host})[0] == 400
    assert flow.send(an_event(), "nowhere") == 404


def test_an_answer_goes_to_an_address_a_channel_and_a_broker(flow: Flow) -> None:
    with receiver() as asked, receiver() as told:
        asked.answer = answered("yes")
        for name in ("c", "d"):
            flow.put("Channel", name)
        flow.put("Broker", "b")
        flow.put("Trigger", "t", broker="b", subscriber={"uri": f"{told.url}/broker"})
        flow.put(
            "Subscription", "on", channel={**CHANNEL, "name": "d"},
            subscriber={"uri": f"{told.url}/channel"},
        )  # fmt: skip
        flow.subscribe("address", asked, reply={"uri": f"{told.url}/address"}, delivery=FAST)
        flow.subscribe("channel", asked, reply={"ref": {**CHANNEL, "name": "d"}})
        flow.subscribe("broker", asked, reply={"ref": {**BROKER, "name": "b"}})
        failures = iter([503])
        told.answer = lambda taken: (
            next(failures, 202) if taken.path == "/address" else 202, {}, b"ok",
        )  # fmt: skip
        flow.send(an_event(id="7"))
        told.wait(4)
        paths = sorted(taken.path for taken in told.taken)
        assert paths == ["/address", "/address", "/broker", "/channel"]
        assert {(taken.event["type"], taken.body) for taken in told.taken} == {("answer", b'"yes"')}
        prefers = {taken.path: taken.headers.get("prefer") for taken in told.taken}
        assert prefers == {"/address": None, "/broker": "reply", "/channel": "reply"}


def test_an_answer_that_is_no_event_is_left_aside(flow: Flow) -> None:
    with receiver() as one, receiver() as told:
        one.answer = lambda _: (200, {}, b"OK")
        flow.put("Channel", "c")
        flow.subscribe("one", one, reply={"uri": told.url}, delivery=FAST)
        flow.send(an_event(id="1"))
        one.wait(1)
        one.answer = answered("yes")
        flow.send(an_event(id="2"))
        assert [taken.event["id"] for taken in told.wait(1)] == ["2"]
        assert one.ids == ["1", "2"]


@pytest.mark.parametrize("where", ["subscription", "channel"])
def test_what_is_not_taken_is_tried_again_and_becomes_a_dead_letter(flow: Flow, where: str) -> None:
    with receiver() as one, receiver() as dead:
        one.answer = lambda _: (503, {}, b"not now")
        delivery: Any = {"delivery": {**FAST, "deadLetterSink": {"uri": dead.url}}}
        flow.put("Channel", "c", **(delivery if where == "channel" else {}))
        flow.subscribe("one", one, **(delivery if where == "subscription" else {}))
        flow.send(an_event(id="7"))
        (letter,) = dead.wait(1)
        assert one.ids == ["7"] * 3
        assert letter.event["knativeerrordest"] == one.url
        assert letter.event["knativeerrorcode"] == "503"
        uri = flow.get("Subscription", "one")["status"]["physicalSubscription"]["deadLetterSinkUri"]
        assert uri == dead.url


@pytest.mark.parametrize("to", ["address", "channel"])
def test_an_answer_that_nobody_takes_makes_a_dead_letter_of_the_event(flow: Flow, to: str) -> None:
    with receiver() as one, receiver() as told, receiver() as dead:
        one.answer = answered("yes")
        told.answer = lambda _: (422, {}, b"no")
        reply: Any = {"uri": told.url} if to == "address" else {"ref": {**CHANNEL, "name": "lost"}}
        flow.put("Channel", "c")
        flow.subscribe("one", one, reply=reply, delivery={"deadLetterSink": {"uri": dead.url}})
        flow.send(an_event("question", id="7"))
        (letter,) = dead.wait(1)
        assert letter.event["type"] == "question"
        lost = "http://lost-kn-channel.default.svc.cluster.local"
        told_of = (told.url, "422") if to == "address" else (lost, "404")
        assert (letter.event["knativeerrordest"], letter.event["knativeerrorcode"]) == told_of


def test_a_ring_of_channels_ends(flow: Flow) -> None:
    with receiver() as dead:
        flow.put("Channel", "c")
        ref = {"ref": {**CHANNEL, "name": "c"}}
        delivery = {"deadLetterSink": {"uri": dead.url}}
        flow.put(
            "Subscription", "ring", channel=ref["ref"], subscriber=ref, delivery=delivery
        )  # fmt: skip
        flow.send(an_event(id="7"))
        (letter,) = dead.wait(1)
        assert (letter.event["id"], letter.event["knativeerrorcode"]) == ("7", "400")


def test_the_sequence_of_knative_s_samples(flow: Flow) -> None:
    for at, name in enumerate(("first", "second", "third")):
        flow.appender(name, f" - Handled by {at}")
    with receiver() as display:
        sequence = yaml.safe_load(SEQUENCE)
        sequence["spec"]["reply"] = {"uri": display.url}
        flow.apply(sequence)
        ref = {"apiVersion": "flows.knative.dev/v1", "kind": "Sequence", "name": "sequence"}
        flow.put(
            "PingSource", "ping", schedule="* * * * * *", contentType="application/json",
            data='{"message": "Hello world!"}', sink={"ref": ref},
        )  # fmt: skip
        (taken, *_) = display.wait(1)
        assert json.loads(taken.body) == {
            "message": "Hello world! - Handled by 0 - Handled by 1 - Handled by 2"
        }
        assert taken.event["type"] == "dev.knative.sources.ping"
    flow.delete("PingSource", "ping")
    shown = flow.get("Sequence", "sequence")
    assert all(state == ("True", "") for state in conditions(shown).values())
    assert set(conditions(shown)) == {
        "Addressable", "ChannelsReady", "EventPoliciesReady", "Ready", "SubscriptionsReady",
    }  # fmt: skip
    parts = [f"sequence-kn-sequence-{at}" for at in range(3)]
    for kind, field in (("InMemoryChannel", "channel"), ("Subscription", "subscription")):
        told = shown["status"][f"{field}Statuses"]
        assert [one[field]["name"] for one in told] == parts == flow.names(kind)
        assert {one["ready"]["status"] for one in told} == {"True"}
        [owner] = flow.get(kind, parts[0])["metadata"]["ownerReferences"]
        assert (owner["kind"], owner["uid"]) == ("Sequence", shown["metadata"]["uid"])
        status, said = flow.delete(kind, parts[0])
        assert (status, "change or delete that Sequence" in said["message"]) == (403, True)
    assert shown["status"]["address"]["url"].startswith("http://sequence-kn-sequence-0-kn-channel.")
    sequence["spec"]["steps"].pop()
    flow.apply(sequence)
    assert flow.names("Subscription") == flow.names("InMemoryChannel") == parts[:2]
    assert flow.delete("Sequence", "sequence")[0] == 200
    assert flow.names("Subscription") == flow.names("InMemoryChannel") == []


def test_a_step_that_answers_nothing_ends_a_sequence_and_has_its_own_delivery(flow: Flow) -> None:
    with receiver() as one, receiver() as two, receiver() as dead:
        one.answer = lambda taken: (
            (202, {}, b"") if taken.event["id"] == "quiet" else answered("on")(taken)
        )
        two.answer = lambda _: (503, {}, b"")
        delivery = {"retry": 1, "deadLetterSink": {"uri": dead.url}}
        steps = [{"uri": one.url}, {"uri": two.url, "delivery": delivery}]
        flow.put("Sequence", "s", steps=steps)
        flow.send(an_event(id="quiet"), "s-kn-sequence-0")
        one.wait(1)
        flow.send(an_event(id="loud"), "s-kn-sequence-0")
        (letter,) = dead.wait(1)
        assert letter.event["id"] == "loud"
        assert two.ids == ["loud", "loud"]


def test_what_lacks_something_is_not_ready(flow: Flow) -> None:
    nobody = {"ref": {**SERVICE, "name": "nobody"}}
    flow.put("Subscription", "s", channel={**CHANNEL, "name": "absent"}, subscriber=nobody)
    found = conditions(flow.get("Subscription", "s"))
    assert found["Ready"] == found["ReferencesResolved"] == ("Unknown", "ChannelReferenceFailed")
    flow.put("Channel", "absent")
    found = conditions(flow.get("Subscription", "s"))
    assert found["Ready"] == found["ReferencesResolved"] == ("False", "SubscriberResolveFailed")
    flow.put(
        "Subscription", "s", channel={**CHANNEL, "name": "absent"}, subscriber={"uri": "http://x"}
    )
    shown = flow.get("Channel", "absent")["status"]
    assert [one["name"] for one in shown["subscribers"]] == ["s"]
    assert shown["channel"]["kind"] == "InMemoryChannel"
    flow.put("Sequence", "q", steps=[nobody])
    found = conditions(flow.get("Sequence", "q"))
    assert found["Ready"] == found["SubscriptionsReady"] == ("Unknown", "SubscriptionsNotReady")
    status, said = flow.gateway.ask("POST", PLACES["Sequence"], {"kind": "Sequence"})
    assert status == 400, said


def test_a_subscription_that_goes_takes_what_waits_with_it(flow: Flow) -> None:
    with receiver() as one:
        one.answer = lambda _: (503, {}, b"")
        flow.put("Channel", "c")
        flow.subscribe("s", one, delivery={"retry": 900, "backoffPolicy": "linear"})
        flow.send(an_event(id="old"))
        one.wait(1)
        assert flow.delete("Subscription", "s")[0] == 200
        one.answer = lambda _: (202, {}, b"")
        flow.subscribe("s", one)
        before = len(one.taken)
        flow.send(an_event(id="new"))
        wait_until(lambda: "new" in one.ids[before:], what="the new event")
        assert flow.delete("Channel", "c")[0] == 200
        assert flow.send(an_event(id="late")) == 404


def test_accepted_events_of_a_sequence_survive_a_kill(own_gateway: Any, tmp_path: Path) -> None:
    flow = Flow(own_gateway)
    with receiver() as display, contextlib.ExitStack() as later:
        delivery = {"retry": 900, "backoffPolicy": "linear", "backoffDelay": "PT0.05S"}
        refs = [{"ref": {**SERVICE, "name": name}, "delivery": delivery} for name in "ab"]
        flow.put("Sequence", "s", steps=refs, reply={"uri": display.url})
        flow.appender("a", " a")  # the second one is not there yet
        data = {"message": "m"}
        wanted = {f"e{at}" for at in range(12)}
        for each in sorted(wanted):
            event = an_event(id=each, data=data, datacontenttype="application/json")
            assert flow.send(event, "s-kn-sequence-0") == 202
        own_gateway.signal(signal.SIGKILL)
        own_gateway.start()
        later.callback(own_gateway.end)
        assert flow.names("Subscription") == ["s-kn-sequence-0", "s-kn-sequence-1"]
        flow.appender("b", " b")
        wait_until(lambda: set(display.ids) == wanted, what="every event at the end")
        assert {taken.body for taken in display.taken} == {b'{"message": "m a b"}'}
