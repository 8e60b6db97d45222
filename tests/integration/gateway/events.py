"""Senders and receivers of events, both with the official SDK, around a real gateway."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from cloudevents.conversion import to_binary
from cloudevents.http import CloudEvent, from_http

from tests.integration.gateway.conftest import Gateway
from tests.support.processes import wait_until

EVENTING = "/apis/eventing.knative.dev/v1/namespaces/default"
SOURCES = "/apis/sources.knative.dev/v1/namespaces/default"
SERVICE = {"apiVersion": "serving.knative.dev/v1", "kind": "Service"}
INGRESS = "broker-ingress.knative-eventing.svc.cluster.local"

Convert = Callable[[CloudEvent], Any]
Given = tuple[int, dict[str, str], bytes]


class Taken(NamedTuple):
    """One delivery: as it came, and as the SDK reads it."""

    path: str
    headers: dict[str, str]
    body: bytes
    event: CloudEvent


class Receiver:
    """A subscriber that keeps what it gets.

    Attributes:
        answer: Gives status, fields and body of the answer to a delivery.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.taken: list[Taken] = []
        self.answer: Callable[[Taken], Given] = lambda _: (202, {}, b"")

    def wait(self, count: int) -> list[Taken]:
        """Wait until so many deliveries have been made."""
        wait_until(lambda: len(self.taken) >= count, what=f"{count} deliveries")
        return self.taken

    @property
    def ids(self) -> list[str]:
        return [taken.event["id"] for taken in self.taken]


@contextmanager
def receiver() -> Iterator[Receiver]:
    """Give a subscriber on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            event = from_http(headers, body, data_unmarshaller=lambda data: data)
            taken = Taken(self.path, headers, body, event)
            found.taken.append(taken)
            status, fields, answer = found.answer(taken)
            self.send_response_only(status)
            for name, value in {**fields, "content-length": str(len(answer))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            """Keep the tests' output clear."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Receiver(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Scene:
    """One broker, its triggers, and what is sent to it."""

    def __init__(self, gateway: Gateway, broker: str) -> None:
        self.gateway = gateway
        self.broker = broker
        self.put("Broker", "brokers", broker)

    def put(self, kind: str, plural: str, name: str, base: str = EVENTING, **spec: Any) -> None:
        version = "/".join(base.split("/")[2:4])
        item = {"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": spec}
        status, answer = self.gateway.apply(f"{base}/{plural}", item)
        assert status in (200, 201), answer

    def trigger(self, name: str, subscriber: "Receiver | dict[str, Any]", **spec: Any) -> None:
        if isinstance(subscriber, Receiver):
            subscriber = {"uri": subscriber.url}
        whole = {"broker": self.broker, "subscriber": subscriber, **spec}
        self.put("Trigger", "triggers", f"{self.broker}-{name}", **whole)

    def status(self, name: str) -> Any:
        path = f"{EVENTING}/triggers/{self.broker}-{name}"
        return self.gateway.ask("GET", path)[1]["status"]

    def post(self, headers: Any, body: bytes | None, path: str = "") -> int:
        """Send to the ingress as clients in a cluster do."""
        named = {**dict(headers), "host": INGRESS}
        return self.gateway.call("POST", path or f"/default/{self.broker}", body, named)[0]

    def send(self, event: CloudEvent, convert: Convert = to_binary, **fields: str) -> None:
        headers, body = convert(event)
        assert self.post({**headers, **fields}, body) == 202

    def counted(self, name: str, outcome: str) -> float:
        """Events of a trigger that ended so, as the metrics tell."""
        label = f'name="{self.broker}-{name}.openfaas-fn",outcome="{outcome}"'
        lines = self.gateway.metrics().splitlines()
        found = (line for line in lines if line.startswith(f"gateway_events_total{{{label}}}"))
        return float(next(found, "0").split()[-1])


def an_event(kind: str = "greeting", data: Any = None, **attributes: str) -> CloudEvent:
    """Make an event with the SDK."""
    return CloudEvent({"type": kind, "source": "/test", **attributes}, data)


def raw_structured(data: str, **attributes: str) -> tuple[dict[str, str], bytes]:
    """Write an event in the structured mode whose data stand there as given."""
    members = {"specversion": "1.0", "id": "1", "source": "/test", "type": "greeting", **attributes}
    body = json.dumps(members).rstrip("}") + f', "data": {data}}}'
    return {"content-type": "application/cloudevents+json"}, body.encode()
