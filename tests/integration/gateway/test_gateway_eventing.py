"""Broker, triggers, replies, retries, dead letters and ping sources on a real queue."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cloudevents.conversion import to_binary, to_structured
from cloudevents.http import CloudEvent

from tests.integration.gateway.conftest import Gateway
from tests.support.processes import wait_until

EVENTING = "/apis/eventing.knative.dev/v1/namespaces/default"
SOURCES = "/apis/sources.knative.dev/v1/namespaces/default"
INGRESS = {"Host": "broker-ingress.knative-eventing.localhost"}
LISTENER = """
import json, os, flask

def handle(request):
    file = os.environ["SEEN"]
    fields = {k.lower(): v for k, v in request.headers.items() if k.lower().startswith("ce-")}
    entry = {**fields, "path": request.path, "data": request.get_data(as_text=True)}
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
    if kind == "please.fail.twice":
        return flask.Response("", 200 if len(open(file).readlines()) > 2 else 500)
    return ""
"""
FAST = {"retry": 2, "backoffDelay": "PT0.05S"}


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
        status, answer = self.gateway.ask("PUT", f"{base}/{plural}/{name}", item)
        assert status in (200, 201), answer

    def listener(self, name: str) -> None:
        folder = self.gateway.write_function(f"{self.broker}-{name}", code=LISTENER)
        env = [{"name": "SEEN", "value": str(self.folder / name)}]
        self.gateway.deploy(f"{self.broker}-{name}", image=str(folder), container={"env": env})

    def sink(self, name: str) -> Any:
        return {"ref": {"kind": "Service", "name": f"{self.broker}-{name}"}}

    def trigger(self, name: str, kind: str, *, to: str, **spec: Any) -> None:
        spec |= {"broker": self.broker, "filter": {"attributes": {"type": kind}}}
        spec["subscriber"] = {**self.sink(to), "uri": "/in"}
        self.put("Trigger", "triggers", f"{self.broker}-{name}", spec)

    def send(self, kind: str, data: Any = None, **attributes: Any) -> int:
        event = CloudEvent({"type": kind, "source": "/test", **attributes}, data)
        headers, body = to_binary(event)
        path = f"/default/{self.broker}"
        return self.gateway.call("POST", path, body, {**headers, **INGRESS})[0]

    def seen(self, name: str) -> list[dict[str, str]]:
        file = self.folder / name
        return list(map(json.loads, file.read_text().splitlines())) if file.exists() else []

    def wait(self, name: str, count: int) -> list[dict[str, str]]:
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


def test_what_is_no_event_or_has_no_broker_is_refused(world: World) -> None:
    path = f"/default/{world.broker}"
    assert world.gateway.call("POST", path, b"{}", INGRESS)[0] == 400
    assert world.gateway.call("GET", path, None, INGRESS)[0] == 405
    status, _, body = world.gateway.call("POST", "/default/nowhere", b"", INGRESS)
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
    assert world.gateway.ask("PUT", name, {"kind": "Trigger"})[0] == 400


def test_a_ping_source_is_checked_and_shown(world: World) -> None:
    spec = {"schedule": "0 0 1 1 *", "sink": {"ref": {"kind": "Broker", "name": world.broker}}}
    world.put("PingSource", "pingsources", "yearly", spec, SOURCES)
    assert world.gateway.ask("GET", f"{SOURCES}/pingsources/yearly")[0] == 200
    wrong = {
        "apiVersion": "sources.knative.dev/v1", "kind": "PingSource",
        "metadata": {"name": "never"}, "spec": {**spec, "schedule": "every day"},
    }  # fmt: skip
    status, answer = world.gateway.ask("POST", f"{SOURCES}/pingsources", wrong)
    assert (status, "schedule" in answer["detail"]) == (400, True)
    assert world.gateway.ask("DELETE", f"{SOURCES}/pingsources/yearly")[0] == 200


def test_accepted_events_survive_a_kill(own_gateway: Any, tmp_path: Path) -> None:
    world = World(own_gateway, tmp_path, "lasting")
    delivery = {"retry": 50, "backoffPolicy": "linear", "backoffDelay": "PT0.1S"}
    world.trigger("one", "greeting", to="one", delivery=delivery)  # its function is not there yet
    assert [world.send("greeting", id=str(n)) for n in range(20)] == [202] * 20
    own_gateway.signal(signal.SIGKILL)
    own_gateway.start()
    world.listener("one")
    seen = {entry["ce-id"] for entry in world.wait("one", 20)}
    assert seen == {str(n) for n in range(20)}
