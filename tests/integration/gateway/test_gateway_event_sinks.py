"""Where events go, what a status says of it, and ping sources, as a real Knative has them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.local import templates
from tests.integration.gateway.events import (
    EVENTING,
    INGRESS,
    SERVICE,
    SOURCES,
    Receiver,
    Scene,
    an_event,
    raw_structured,
    receiver,
)
from tests.support.processes import wait_until

# It reads what it gets with the official SDK, and notes it with the fields of the request.
READER = """
import json, os
from cloudevents.http import from_http

def handle(request):
    event = from_http(dict(request.headers), request.get_data())
    fields = {name.lower(): value for name, value in request.headers.items()}
    note = {"id": event["id"], "path": request.full_path, "data": event.data, "fields": fields}
    with open(os.environ["SEEN"], "a") as seen:
        seen.write(json.dumps(note) + "\\n")
    return ""
"""
NAME = "event-reader"
CLOUD_EVENT = """
import functions_framework

@functions_framework.cloud_event
def handle(event):
    print(event["type"])
"""


@pytest.fixture(scope="module")
def seen(gateway: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the function NAME has noted."""
    path: Path = tmp_path_factory.mktemp("seen") / "events"
    image = str(gateway.write_function(NAME, code=READER))
    gateway.deploy(NAME, image=image, container={"env": [{"name": "SEEN", "value": str(path)}]})
    return path


@pytest.fixture
def scene(gateway: Any, request: pytest.FixtureRequest) -> Iterator[Scene]:
    scene = Scene(gateway, f"s{abs(hash(request.node.name)) % 10**8}")
    yield scene
    for base, plural in ((EVENTING, "triggers"), (SOURCES, "pingsources")):
        for item in gateway.ask("GET", f"{base}/{plural}")[1]["items"]:
            gateway.ask("DELETE", f"{base}/{plural}/{item['metadata']['name']}")


@pytest.fixture
def one() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


def note(path: Path, identity: str) -> dict[str, Any]:
    """Wait for one event at the function."""

    def found() -> list[dict[str, Any]]:
        *lines, _ = path.read_text().split("\n") if path.exists() else [""]
        return [entry for entry in map(json.loads, lines) if entry["id"] == identity]

    wait_until(lambda: len(found()) == 1, what=f"event {identity}")
    entry: dict[str, Any] = found()[0]
    return entry


@pytest.mark.parametrize(
    ("subscriber", "path"),
    [
        ({"ref": {**SERVICE, "name": NAME}}, "/?"),
        ({"ref": {**SERVICE, "name": NAME, "namespace": "default"}, "uri": "/in?a=1"}, "/in?a=1"),
        ({"ref": {**SERVICE, "name": NAME}, "uri": "in/deep"}, "/in/deep?"),
        ({"ref": {"apiVersion": "v1", "kind": "Service", "name": NAME}, "uri": "/k"}, "/k?"),
        ({"uri": f"http://{NAME}.default.svc.cluster.local/whole"}, "/whole?"),
    ],
)
def test_a_subscriber_is_found_by_ref_and_by_its_cluster_s_address(
    scene: Scene, seen: Path, subscriber: dict[str, Any], path: str
) -> None:
    scene.trigger("one", subscriber)
    event = an_event(data={"a": 1}, datacontenttype="application/json")
    scene.send(event)
    entry = note(seen, event["id"])
    assert (entry["path"], entry["data"]) == (path, {"a": 1})
    assert entry["fields"]["host"] == f"{NAME}.default.svc.cluster.local"
    assert (entry["fields"]["prefer"], entry["fields"]["kn-namespace"]) == ("reply", "default")
    assert "ce-knativearrivaltime" in entry["fields"]
    assert len(entry["fields"]["traceparent"]) == 55
    uri = scene.status("one")["subscriberUri"]
    assert uri == f"http://{NAME}.default.svc.cluster.local{path.removesuffix('?')}".rstrip("/")


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (templates.EVENT_MAIN.substitute(name="x"), "delivered"),
        (CLOUD_EVENT, "retried"),  # functions-framework answers "OK", which is no event
    ],
)
def test_a_function_for_events_answers_with_an_empty_body(
    scene: Scene, code: str, outcome: str
) -> None:
    name = f"{scene.broker}-{outcome}"
    image = str(scene.gateway.write_function(name, code=code))
    scene.gateway.deploy(name, image=image)
    delivery = {"retry": 1, "backoffPolicy": "exponential", "backoffDelay": "PT0.01S"}
    scene.trigger("one", {"ref": {**SERVICE, "name": name}}, delivery=delivery)
    scene.send(an_event(data={"a": 1}))
    wait_until(lambda: scene.counted("one", outcome) == 1, what=outcome)
    other = {"delivered", "retried"} - {outcome}
    assert scene.counted("one", other.pop()) == 0


def test_an_event_goes_from_broker_to_broker_by_ref_and_by_address(
    scene: Scene, one: Receiver
) -> None:
    for name in ("left", "right"):
        scene.put("Broker", "brokers", f"{scene.broker}-{name}")
        scene.put(
            "Trigger", "triggers", f"{scene.broker}-{name}-out",
            broker=f"{scene.broker}-{name}", subscriber={"uri": f"{one.url}/{name}"},
        )  # fmt: skip
    ref = {"apiVersion": "eventing.knative.dev/v1", "kind": "Broker"}
    scene.trigger("left", {"ref": {**ref, "name": f"{scene.broker}-left"}})
    scene.trigger("right", {"uri": f"http://{INGRESS}/default/{scene.broker}-right"})
    scene.send(an_event(id="7"))
    one.wait(2)
    assert sorted(taken.path for taken in one.taken) == ["/left", "/right"]
    assert one.ids == ["7", "7"]


def conditions(status: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {c["type"]: (c["status"], c.get("reason", "")) for c in status["conditions"]}


def test_the_status_of_a_trigger(scene: Scene, one: Receiver, seen: Path) -> None:
    well = ("True", "")
    parts = ["DependencyReady", "OIDCIdentityCreated", "Ready", "SubscriptionReady"]
    all_well = dict.fromkeys([*parts, "BrokerReady", "SubscriberResolved"], well)
    scene.trigger("one", one)
    status = scene.status("one")
    none = {"DeadLetterSinkResolved": ("True", "DeadLetterSinkNotConfigured")}
    assert conditions(status) == all_well | none
    assert (status["subscriberUri"], status["observedGeneration"]) == (one.url, 1)
    assert "deadLetterSinkUri" not in status
    dead = {"deadLetterSink": {"ref": {**SERVICE, "name": NAME}, "uri": "/dead"}}
    scene.put("Broker", "brokers", scene.broker, delivery=dead)
    status = scene.status("one")
    assert conditions(status) == all_well | {"DeadLetterSinkResolved": well}
    uri = f"http://{NAME}.default.svc.cluster.local/dead"
    assert status["deadLetterSinkUri"] == uri
    broker = scene.gateway.ask("GET", f"{EVENTING}/brokers/{scene.broker}")[1]["status"]
    assert broker["deadLetterSinkUri"] == uri
    assert broker["address"]["name"] == "http"
    wanted = ["Addressable", "DeadLetterSinkResolved", "EventPoliciesReady", "FilterReady"]
    assert list(conditions(broker)) == [*wanted, "IngressReady", "Ready", "TriggerChannelReady"]


def test_the_status_of_a_trigger_that_lacks_something(scene: Scene) -> None:
    nobody = {"ref": {**SERVICE, "name": "nobody"}}
    scene.trigger("one", nobody, delivery={"deadLetterSink": nobody})
    found = conditions(scene.status("one"))
    lost = ("False", "Unable to get the Subscriber's URI")
    assert (found["SubscriberResolved"], found["Ready"]) == (lost, found["DeadLetterSinkResolved"])
    assert found["DeadLetterSinkResolved"] == (
        "False",
        "Unable to get the dead letter sink's URI",
    )
    assert "subscriberUri" not in scene.status("one")
    scene.put(
        "Trigger", "triggers", f"{scene.broker}-lost", broker="absent",
        subscriber={"uri": "http://x.example/"},
    )  # fmt: skip
    assert conditions(scene.status("lost"))["BrokerReady"] == ("False", "BrokerDoesNotExist")
    assert conditions(scene.status("lost"))["Ready"] == ("False", "BrokerDoesNotExist")


@pytest.mark.parametrize(
    ("written", "content_type", "body"),
    [
        (
            {"data": '{"a" : 1}', "contentType": "application/json"},
            "application/json",
            b'{"a" : 1}',
        ),
        ({"dataBase64": "AP8=", "contentType": "image/png"}, "image/png", b"\x00\xff"),
        ({"data": "plain"}, None, b"plain"),
        ({}, None, b""),
    ],
)
def test_a_ping_at_an_address(
    scene: Scene, one: Receiver, written: dict[str, str], content_type: str | None, body: bytes
) -> None:
    one.answer = lambda _: (200, {}, b"no reply is read")  # a source asks for none
    name = f"{scene.broker}-ping"
    scene.put(
        "PingSource", "pingsources", name, SOURCES, schedule="* * * * * *", timezone="Asia/Tokyo",
        sink={"uri": f"{one.url}/pings"}, ceOverrides={"extensions": {"tenant": "a"}}, **written,
    )  # fmt: skip
    taken = one.wait(1)[0]
    assert (taken.path, taken.body, taken.headers.get("content-type")) == (
        "/pings", body, content_type,
    )  # fmt: skip
    assert taken.event["type"] == "dev.knative.sources.ping"
    assert taken.event["source"] == f"/apis/v1/namespaces/default/pingsources/{name}"
    assert taken.event["tenant"] == "a"
    assert taken.headers["kn-namespace"] == "default"
    assert not {"prefer", "ce-knativearrivaltime"} & taken.headers.keys()
    status = scene.gateway.ask("GET", f"{SOURCES}/pingsources/{name}")[1]["status"]
    assert status["sinkUri"] == f"{one.url}/pings"
    assert set(conditions(status)) == {"Deployed", "OIDCIdentityCreated", "Ready", "SinkProvided"}
    one.wait(2)
    assert len(set(one.ids)) == len(one.ids)


def test_a_ping_to_a_function_and_to_a_broker(scene: Scene, one: Receiver, seen: Path) -> None:
    scene.trigger("one", one, filters=[{"prefix": {"source": "/apis/v1/namespaces/default/"}}])
    broker = {"apiVersion": "eventing.knative.dev/v1", "kind": "Broker", "name": scene.broker}
    sinks = {"b": {"ref": broker}, "f": {"ref": {**SERVICE, "name": NAME}, "uri": "/ping"}}
    for name, sink in sinks.items():
        scene.put(
            "PingSource", "pingsources", f"{scene.broker}-{name}", SOURCES,
            schedule="* * * * * *", sink=sink,
        )  # fmt: skip
    (taken, *_) = one.wait(1)
    assert taken.event["source"].endswith(f"/pingsources/{scene.broker}-b")
    assert taken.headers["prefer"] == "reply"
    assert "ce-knativearrivaltime" in taken.headers
    wait_until(lambda: seen.exists() and '"/ping?"' in seen.read_text(), what="a ping")
    status = scene.gateway.ask("GET", f"{SOURCES}/pingsources/{scene.broker}-b")[1]["status"]
    address = scene.gateway.ask("GET", f"{EVENTING}/brokers/{scene.broker}")[1]["status"]["address"]
    assert status["sinkUri"] == address["url"]


def test_attributes_without_end_are_refused_and_in_a_reply_a_dead_letter(scene: Scene) -> None:
    """They would never fit into the queue, however often it is tried."""
    long = raw_structured("1", blob="x" * ((1 << 20) - 300))
    with receiver() as one, receiver() as two:
        one.answer = lambda _: (200, *long)
        scene.trigger("one", one, delivery={"retry": 1, "deadLetterSink": {"uri": two.url}})
        assert scene.post(*long) == 413
        scene.send(an_event(id="7"))
        (dead,) = two.wait(1)
        assert (dead.event["id"], dead.event["knativeerrorcode"]) == ("7", "413")
        assert one.ids == ["7"]
