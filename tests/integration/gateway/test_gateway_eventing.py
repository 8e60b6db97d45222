"""Broker, triggers, replies, retries, dead letters and ping sources on a real queue."""

import base64
import itertools
import json
import signal
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from cloudevents.conversion import to_binary, to_structured
from cloudevents.http import CloudEvent

from tests.integration.gateway.conftest import BROKER, SERVICE, Gateway
from tests.support.processes import wait_until

EVENTING = "/apis/eventing.knative.dev/v1/namespaces/default"
SOURCES = "/apis/sources.knative.dev/v1/namespaces/default"
INGRESS = {"Host": "broker-ingress.knative-eventing.localhost"}
LISTENER = """
import json, os, time, flask

def handle(request):
    file = os.environ["SEEN"]
    fields = {k.lower(): v for k, v in request.headers.items() if k.lower().startswith("ce-")}
    entry = {**fields, "path": request.path, "data": request.get_data(as_text=True),
             "at": time.time()}
    with open(file, "a") as seen:
        seen.write(json.dumps(entry) + "\\n")
    kind = fields["ce-type"]
    if kind == "please.answer":
        answer = {"ce-id": "r" + fields["ce-id"], "ce-source": "/listener", "ce-type": "answer",
                  "ce-specversion": "1.0", "content-type": "text/plain"}
        return flask.Response("hello back", headers=answer)
    if kind == "please.refuse":
        return flask.Response("cannot be", 422)
    if kind == "please.fail":
        return flask.Response("not now", 503)
    if kind == "please.answer.whole":
        answer = {"specversion": "1.0", "id": "w" + fields["ce-id"], "source": "/listener",
                  "type": "answer", "data": {"whole": True}}
        return flask.Response(json.dumps(answer), content_type="application/cloudevents+json")
    if kind == "please.babble":
        return flask.Response("no event at all", headers={"ce-specversion": "1.0"})
    if kind.startswith("please.say."):
        return flask.Response("so", int(kind.split(".")[2]))
    if kind == "please.fail.twice":
        return flask.Response("", 200 if len(open(file).readlines()) > 2 else 500)
    return ""
"""
FAST = {"retry": 2, "backoffPolicy": "exponential", "backoffDelay": "PT0.05S"}


class World:
    """One broker with listeners, each a function that notes the events it gets."""

    def __init__(self, gateway: Gateway, folder: Path, broker: str) -> None:
        self.gateway = gateway
        self.folder = folder
        self.broker = broker
        self.put("Broker", "brokers", broker, {})

    def put(self, kind: str, plural: str, name: str, spec: Any, base: str = EVENTING) -> None:
        version = "/".join(base.split("/")[2:4])
        item = {"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": spec}
        status, answer = self.gateway.apply(f"{base}/{plural}", item)
        assert status in (200, 201), answer

    def listener(self, name: str) -> None:
        folder = self.gateway.write_function(f"{self.broker}-{name}", code=LISTENER)
        env = [{"name": "SEEN", "value": str(self.folder / name)}]
        self.gateway.deploy(f"{self.broker}-{name}", image=str(folder), container={"env": env})

    def sink(self, name: str) -> Any:
        return {"ref": {**SERVICE, "name": f"{self.broker}-{name}"}}

    def trigger(self, name: str, kind: str, *, to: str, **spec: Any) -> None:
        spec |= {"broker": self.broker, "filter": {"attributes": {"type": kind}}}
        spec["subscriber"] = {**self.sink(to), "uri": "/in"}
        self.put("Trigger", "triggers", f"{self.broker}-{name}", spec)

    def send(self, kind: str, data: Any = None, **attributes: Any) -> int:
        event = CloudEvent({"type": kind, "source": "/test", **attributes}, data)
        headers, body = to_binary(event)
        path = f"/default/{self.broker}"
        return self.gateway.call("POST", path, body, {**headers, **INGRESS})[0]

    def seen(self, name: str) -> list[dict[str, Any]]:
        file = self.folder / name
        *lines, _ = file.read_text().split("\n") if file.exists() else [""]  # none half written
        return list(map(json.loads, lines))

    def wait(self, name: str, count: int) -> list[dict[str, Any]]:
        wait_until(lambda: len(self.seen(name)) >= count, what=f"{count} events at {name}")
        return self.seen(name)


@pytest.fixture
def world(gateway: Any, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    name = f"b{abs(hash(request.node.name)) % 10**8}"
    yield World(gateway, tmp_path, name)
    for trigger in gateway.ask("GET", f"{EVENTING}/triggers")[1]["items"]:
        gateway.ask("DELETE", f"{EVENTING}/triggers/{trigger['metadata']['name']}")


def test_both_modes_reach_the_triggers_whose_filter_fits(world: World) -> None:
    for name in ("one", "two"):
        world.listener(name)
    world.trigger("one", "greeting", to="one")
    world.trigger("two", "farewell", to="two")
    assert world.send("greeting", {"a": 1}, subject="caf\u00e9") == 202
    event = CloudEvent({"type": "farewell", "source": "/test", "id": "9"}, {"b": 2})
    headers, body = to_structured(event)
    status, _, _ = world.gateway.call("POST", f"/broker/default/{world.broker}", body, headers)
    assert status == 202
    assert world.send("nobody.asked") == 202
    (greeting,) = world.wait("one", 1)
    assert (greeting["ce-type"], greeting["path"]) == ("greeting", "/in")
    assert json.loads(greeting["data"]) == {"a": 1}
    (farewell,) = world.wait("two", 1)
    assert (farewell["ce-id"], json.loads(farewell["data"])) == ("9", {"b": 2})


def test_the_same_source_and_id_is_one_event(world: World) -> None:
    world.listener("one")
    world.trigger("one", "greeting", to="one")
    assert [world.send("greeting", id=identity) for identity in "1121"] == [202] * 4
    world.wait("one", 2)
    world.send("greeting", id="3")
    assert sorted(entry["ce-id"] for entry in world.wait("one", 3)) == ["1", "2", "3"]


def test_a_reply_is_published_back(world: World) -> None:
    world.listener("asked")
    world.listener("told")
    world.trigger("asked", "please.answer", to="asked")
    world.trigger("told", "answer", to="told")
    world.send("please.answer", id="5")
    (answer,) = world.wait("told", 1)
    assert (answer["ce-id"], answer["data"]) == ("r5", "hello back")


def test_failures_are_retried(world: World) -> None:
    world.listener("one")
    world.trigger("one", "please.fail.twice", to="one", delivery=FAST)
    world.send("please.fail.twice")
    world.wait("one", 3)


@pytest.mark.parametrize(("kind", "code", "attempts"), [("refuse", "422", 1), ("fail", "503", 3)])
def test_what_is_not_taken_goes_to_the_dead_letter_sink(
    world: World, kind: str, code: str, attempts: int
) -> None:
    world.listener("one")
    world.listener("dead")
    delivery = {**FAST, "deadLetterSink": world.sink("dead")}
    world.trigger("one", f"please.{kind}", to="one", delivery=delivery)
    world.send(f"please.{kind}", id="42")
    (dead,) = world.wait("dead", 1)
    assert len(world.seen("one")) == attempts
    assert (dead["ce-id"], dead["ce-knativeerrorcode"]) == ("42", code)
    assert f"{world.broker}-one" in dead["ce-knativeerrordest"]
    assert dead["ce-knativeerrordata"]


@pytest.mark.parametrize("code", [404, 408, 409, 429, 500, 503])
def test_statuses_that_are_tried_again(world: World, code: int) -> None:
    world.listener("one")
    delivery = {"retry": 1, "backoffDelay": "PT0.01S"}
    world.trigger("one", f"please.say.{code}", to="one", delivery=delivery)
    world.send(f"please.say.{code}")
    world.wait("one", 2)
    wait_until(lambda: counted(world, "dropped") == 1)
    assert len(world.seen("one")) == 2


@pytest.mark.parametrize("code", [400, 401, 403, 405, 422])
def test_statuses_that_are_not(world: World, code: int) -> None:
    world.listener("one")
    delivery = {"retry": 5, "backoffDelay": "PT0.01S"}
    world.trigger("one", f"please.say.{code}", to="one", delivery=delivery)
    world.send(f"please.say.{code}")
    wait_until(lambda: counted(world, "dropped") == 1)
    assert len(world.seen("one")) == 1
    assert counted(world, "retried") == 0


def counted(world: World, outcome: str) -> float:
    """Events of the trigger ``one`` that ended so, as the metrics tell."""
    label = f'name="{world.broker}-one.openfaas-fn",outcome="{outcome}"'
    for line in world.gateway.metrics().splitlines():
        if line.startswith(f"gateway_events_total{{{label}}}"):
            return float(line.split()[-1])
    return 0


def test_waits_grow_exponentially(world: World) -> None:
    world.listener("one")
    delivery = {"retry": 3, "backoffPolicy": "exponential", "backoffDelay": "PT0.1S"}
    world.trigger("one", "please.fail", to="one", delivery=delivery)
    world.send("please.fail")
    world.wait("one", 4)
    times = [entry["at"] for entry in world.seen("one")]
    waits = [later - earlier for earlier, later in itertools.pairwise(times)]
    for wait, least in zip(waits, (0.1, 0.2, 0.4), strict=True):
        assert wait >= least * 0.9


def test_a_structured_answer_is_a_reply_and_babble_is_none(world: World) -> None:
    world.listener("one")
    world.listener("told")
    world.trigger("whole", "please.answer.whole", to="one")
    world.trigger("babble", "please.babble", to="one")
    world.trigger("told", "answer", to="told")
    world.send("please.babble", id="4")
    world.wait("one", 1)
    world.send("please.answer.whole", id="5")
    (answer,) = world.wait("told", 1)
    assert (answer["ce-id"], json.loads(answer["data"])) == ("w5", {"whole": True})


def test_a_dead_letter_tells_all_about_its_failure(world: World) -> None:
    world.listener("one")
    world.listener("dead")
    world.put(
        "Broker", "brokers", world.broker, {"delivery": {"deadLetterSink": world.sink("dead")}}
    )
    world.trigger(
        "one", "please.say.422", to="one", delivery={"retry": 1}
    )  # its sink is the broker's
    world.send("please.say.422", {"kept": 1}, id="6", subject="still here")
    (dead,) = world.wait("dead", 1)
    assert dead["ce-knativeerrordest"] == f"http://{world.broker}-one.default.svc.cluster.local/in"
    assert dead["ce-knativeerrorcode"] == "422"
    assert base64.b64decode(dead["ce-knativeerrordata"]) == b"so"
    assert (dead["ce-id"], dead["ce-type"]) == ("6", "please.say.422")
    assert (dead["ce-subject"], json.loads(dead["data"])) == ("still%20here", {"kept": 1})


def test_filters_want_every_attribute_with_exactly_its_value(world: World) -> None:
    for name in ("exact", "more", "any"):
        world.listener(name)
    own = {"type": "greeting", "tone": "warm"}
    for name, wanted in (("exact", own), ("more", {**own, "subject": "none"}), ("any", {})):
        spec = {"broker": world.broker, "filter": {"attributes": wanted},
                "subscriber": world.sink(name)}  # fmt: skip
        world.put("Trigger", "triggers", f"{world.broker}-{name}", spec)
    assert world.send("greeting", id="1", tone="warm") == 202
    assert world.send("greeting", id="2", tone="Warm") == 202
    assert world.send("greeting", id="3") == 202
    assert sorted(entry["ce-id"] for entry in world.wait("any", 3)) == ["1", "2", "3"]
    assert [entry["ce-id"] for entry in world.wait("exact", 1)] == ["1"]
    assert world.seen("more") == []


def test_a_function_that_takes_cloudevents_gets_one(world: World) -> None:
    code = (
        "import functions_framework, os\n\n"
        "@functions_framework.cloud_event\ndef handle(event):\n"
        "    with open(os.environ['SEEN'], 'a') as file:\n"
        "        file.write(f'{event[\"id\"]} {event.data}')\n"
    )
    seen = world.folder / "taken"
    folder = world.gateway.write_function(f"{world.broker}-taker", code=code)
    env = {"SEEN": str(seen), "FUNCTION_SIGNATURE_TYPE": "cloudevent"}
    given = [{"name": name, "value": value} for name, value in env.items()]
    world.gateway.deploy(f"{world.broker}-taker", image=str(folder), container={"env": given})
    # It answers "OK", which is a failed delivery: without further attempts it gets the event once.
    world.trigger("one", "greeting", to="taker", delivery={"retry": 0})
    assert world.send("greeting", {"a": 1}, id="12") == 202
    wait_until(lambda: seen.exists() and seen.read_text() == "12 {'a': 1}")


def test_one_source_is_not_another_with_the_same_id(world: World) -> None:
    world.listener("one")
    world.trigger("one", "greeting", to="one")
    for source in ("/a", "/b", "/a"):
        assert world.send("greeting", id="7", source=source) == 202
    world.send("greeting", id="8")
    seen = {(entry["ce-source"], entry["ce-id"]) for entry in world.wait("one", 3)}
    assert seen == {("/a", "7"), ("/b", "7"), ("/test", "8")}
    assert len(world.seen("one")) == 3


def test_no_event_is_accepted_while_the_queue_is_away(own_broker: Any, tmp_path: Path) -> None:
    gateway = Gateway(tmp_path, own_broker.port)
    gateway.start()
    try:
        world = World(gateway, tmp_path, "offline")
        world.listener("one")
        world.trigger("one", "greeting", to="one")
        own_broker.kill()
        assert world.send("greeting", id="1") == 503
        own_broker.start()
        wait_until(lambda: world.send("greeting", id="1") == 202)
        world.wait("one", 1)
    finally:
        gateway.end()


def test_what_is_no_event_or_has_no_broker_is_refused(world: World) -> None:
    path = f"/default/{world.broker}"
    assert world.gateway.call("POST", path, b"{}", INGRESS)[0] == 400
    assert world.gateway.call("GET", path, None, INGRESS)[0] == 405
    headers, event = to_binary(CloudEvent({"type": "t", "source": "/test"}, None))
    status, _, body = world.gateway.call("POST", "/default/nowhere", event, {**headers, **INGRESS})
    assert (status, b"nowhere" in body) == (404, True)


def test_objects_are_listed_and_removed(world: World) -> None:
    world.listener("one")
    world.trigger("one", "greeting", to="one")
    url = world.gateway.ask("GET", f"{EVENTING}/brokers/{world.broker}")[1]["status"]["address"]
    assert url["url"].endswith(f"/default/{world.broker}")
    name = f"{EVENTING}/triggers/{world.broker}-one"
    assert world.gateway.ask("GET", name)[1]["spec"]["broker"] == world.broker
    assert world.gateway.ask("DELETE", name)[0] == 200
    assert world.gateway.ask("GET", name)[0] == 404
    assert world.send("greeting") == 202
    assert world.gateway.ask("PUT", name, {"kind": "Trigger"})[0] == 404
    assert world.gateway.ask("POST", f"{EVENTING}/triggers", {"kind": "Trigger"})[0] == 400


def test_a_ping_source_is_checked_and_shown(world: World) -> None:
    spec = {"schedule": "0 0 1 1 *", "sink": {"ref": {**BROKER, "name": world.broker}}}
    world.put("PingSource", "pingsources", "yearly", spec, SOURCES)
    assert world.gateway.ask("GET", f"{SOURCES}/pingsources/yearly")[0] == 200
    for field, value, named in (
        ("schedule", "every day", "schedule"),
        ("contentType", "text/plain\r\nX-Forged: 1", "datacontenttype"),
    ):
        wrong = {
            "apiVersion": "sources.knative.dev/v1", "kind": "PingSource",
            "metadata": {"name": "never"}, "spec": {**spec, field: value},
        }  # fmt: skip
        status, answer = world.gateway.ask("POST", f"{SOURCES}/pingsources", wrong)
        assert (status, named in answer["message"]) == (400, True)
    assert world.gateway.ask("DELETE", f"{SOURCES}/pingsources/yearly")[0] == 200


def test_a_ping_source_fires(world: World) -> None:
    world.listener("one")
    world.listener("two")
    world.trigger("one", "dev.knative.sources.ping", to="one")
    to_broker = {"ref": {**BROKER, "name": world.broker}}
    spec = {"schedule": "* * * * * *", "contentType": "application/json", "data": '{"tick": 1}'}
    for name, sink in (("a", to_broker), ("b", world.sink("two"))):
        world.put("PingSource", "pingsources", name, {**spec, "sink": sink}, SOURCES)
    try:
        by_broker, straight = world.wait("one", 2), world.wait("two", 2)
    finally:
        for name in "ab":
            assert world.gateway.ask("DELETE", f"{SOURCES}/pingsources/{name}")[0] == 200
    for name, seen in (("a", by_broker), ("b", straight)):
        assert len({entry["ce-id"] for entry in seen}) == len(seen)
        for entry in seen:
            assert entry["ce-type"] == "dev.knative.sources.ping"
            assert entry["ce-source"] == f"/apis/v1/namespaces/default/pingsources/{name}"
            assert json.loads(entry["data"]) == {"tick": 1}
            due = datetime.fromisoformat(entry["ce-time"])
            assert due.microsecond == 0
            assert abs(entry["at"] - due.timestamp()) < 20
    assert world.gateway.ask("GET", f"{SOURCES}/pingsources/a")[0] == 404


def test_accepted_events_survive_a_kill(own_gateway: Any, tmp_path: Path) -> None:
    world = World(own_gateway, tmp_path, "lasting")
    delivery = {"retry": 50, "backoffPolicy": "linear", "backoffDelay": "PT0.1S"}
    world.trigger("one", "greeting", to="one", delivery=delivery)  # its function is not there yet
    assert [world.send("greeting", id=str(n)) for n in range(20)] == [202] * 20
    own_gateway.signal(signal.SIGKILL)
    own_gateway.start()
    world.listener("one")
    wanted = {str(n) for n in range(20)}
    wait_until(lambda: {entry["ce-id"] for entry in world.seen("one")} == wanted)
