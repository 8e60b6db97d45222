"""Ping sources on a clock that the test moves, over a queue that only takes notes."""

import asyncio
import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from emulators.gateway.errors import Away, Invalid
from emulators.gateway.eventing.broker import Eventing
from emulators.gateway.eventing.delivery import decode
from emulators.gateway.eventing.pings import Pings
from emulators.gateway.eventing.store import EventingStore
from emulators.gateway.specs.event_delivery import Delivery
from emulators.gateway.specs.eventing import (
    PingSource,
    parse_broker,
    parse_ping,
    parse_trigger,
)

if TYPE_CHECKING:
    from emulators.gateway.queue.jetstream import JetStreamQueue

NOON = datetime(2024, 1, 1, 12, 0, 0, tzinfo=UTC).timestamp()


class NotedQueue:
    """Stands for JetStream: what is put lies in `put_in`; it may be away."""

    largest_body = 1000
    largest_message = 2000

    def __init__(self) -> None:
        self.put_in: list[tuple[str, bytes, str]] = []
        self.away = False

    async def put(self, subject: str, data: bytes, headers: dict[str, str]) -> None:
        if self.away:
            raise Away("the queue is away")
        self.put_in.append((subject, data, headers["Nats-Msg-Id"]))

    async def drop(self, stream: str, subject: str, durable: str) -> None:
        """Nothing waits here."""

    @property
    def times(self) -> list[str]:
        return [decode(data).event.attributes["time"][11:19] for _, data, _ in self.put_in]


class Scene:
    def __init__(self, folder: Path) -> None:
        self.queue = NotedQueue()
        self.counted: list[tuple[str, str]] = []
        queue = cast("JetStreamQueue", self.queue)
        self.eventing = Eventing(
            EventingStore(folder), queue, lambda *what: self.counted.append(what)
        )
        self.pings = Pings(self.eventing)

    def source(self, schedule: str, **spec: Any) -> None:
        sink = {"ref": {"kind": "Service", "name": "f"}}
        written = thing("PingSource", {"schedule": schedule, "sink": sink, **spec})
        asyncio.run(self.eventing.put(parse_ping(written, "default")))

    def run(self, begin: float, seconds: int) -> list[str]:
        """Ticks once a second, as the real one does; the times of what was sent."""

        async def story() -> None:
            for second in range(seconds):
                await self.pings.tick(begin + second + 0.3)

        asyncio.run(story())
        return self.queue.times


def thing(kind: str, spec: Any, name: str = "x") -> bytes:
    base = "sources" if kind == "PingSource" else "eventing"
    version = f"{base}.knative.dev/v1"
    item = {"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": spec}
    return json.dumps(item).encode()


def test_every_second(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.source("* * * * * *")
    assert scene.run(NOON, 4) == ["12:00:01", "12:00:02", "12:00:03"]


def test_every_minute(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.source("* * * * *")
    assert scene.run(NOON + 50, 140) == ["12:01:00", "12:02:00", "12:03:00"]


def test_a_zone_decides_what_noon_is(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.source("0 21 * * *", timezone="Asia/Tokyo")
    assert scene.run(NOON - 2, 5) == ["12:00:00"]  # 21:00 in Tokyo


def test_what_cannot_be_queued_is_sent_when_it_can_and_once(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.source("* * * * *")
    scene.queue.away = True
    assert scene.run(NOON + 58, 5) == []
    scene.queue.away = False
    assert scene.run(NOON + 63, 3) == ["12:01:00"]


def test_what_fell_due_while_nobody_looked_is_not_made_up_for(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.source("* * * * * *")
    scene.run(NOON, 2)
    assert scene.run(NOON + 100, 1) == ["12:00:01", "12:00:02"]  # one, not a hundred


def test_a_removed_source_is_silent(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.source("* * * * * *")
    scene.run(NOON, 2)
    asyncio.run(scene.eventing.remove(scene.eventing.get(PingSource, "openfaas-fn", "x")))
    assert scene.run(NOON + 5, 3) == ["12:00:01"]


def test_the_event_is_what_the_source_says(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.source(
        "* * * * * *", dataBase64=base64.b64encode(b"\x00\xff").decode(), contentType="x/y"
    )
    scene.run(NOON, 2)
    [(subject, data, _)] = scene.queue.put_in
    event = decode(data).event
    assert subject == "mayfly.event.openfaas-fn.pingsource.x"
    assert (event.content_type, event.data) == ("x/y", b"\x00\xff")
    assert event.attributes["type"] == "dev.knative.sources.ping"
    assert event.attributes["source"] == "/apis/v1/namespaces/default/pingsources/x"


def test_data_given_twice_are_refused() -> None:
    spec = {"schedule": "* * * * *", "sink": {"uri": "http://x"}, "data": "a", "dataBase64": "YQ=="}
    with pytest.raises(Invalid, match="dataBase64"):
        parse_ping(thing("PingSource", spec), "default")


def test_a_trigger_without_a_delivery_has_its_broker_s(
    tmp_path: Path,
) -> None:
    eventing = Scene(tmp_path).eventing
    sink = {"ref": {"kind": "Service", "name": "dead"}}
    delivery = {"retry": 7, "deadLetterSink": sink}
    broker = parse_broker(thing("Broker", {"delivery": delivery}, "b"), "default")
    asyncio.run(eventing.put(broker))
    subscriber = {"ref": {"kind": "Service", "name": "f"}}
    for name, own in (("none", None), ("some", {"retry": 1})):
        spec = {"broker": "b", "subscriber": subscriber, **({"delivery": own} if own else {})}
        asyncio.run(eventing.put(parse_trigger(thing("Trigger", spec, name), "default")))
    found = {each.key[2]: each.delivery for each in eventing.subscriptions()}
    assert found["none"].retry == 7
    assert found["some"] == Delivery(1, dead_letter=found["none"].dead_letter)
    assert found["some"].dead_letter is not None
