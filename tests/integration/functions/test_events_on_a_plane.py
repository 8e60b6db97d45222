"""Rows that events and a schedule bring, on a plane that is Knative alone.

Records are pushed to its broker as any sender of CloudEvents does; a PingSource finds the import
that is due by a schedule. Both go their way by what infra/ deploys.
"""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from cloudevents.conversion import to_binary, to_structured
from cloudevents.http import CloudEvent

from tests.integration.functions.conftest import KEY
from tests.integration.gateway.conftest import Broker, Gateway, broker
from tests.support.processes import wait_until
from tests.support.servers.planes import deploy_eventing, kill_replicas, plane_with
from tests.support.servers.sites import Site, open_site

__all__ = ["broker"]

HOST = {"Host": "datasets.default.svc.cluster.local"}
INGRESS = {"Host": "broker-ingress.knative-eventing.svc.cluster.local"}
TABLE = b"id,town\n1,Rome\n2,Oslo\n"
ROWS = [[1, "Rome"], [2, "Oslo"]]
AWAY = {502, 503, 504}
EVERY_SECOND = "* * * * * *"  # six fields: a cluster's schedules have minutes at the least


class Plane(NamedTuple):
    """The gateway, a web server whose rows it may fetch, and a tiny client of the datasets."""

    gateway: Gateway
    site: Site
    key: dict[str, str]

    def call(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> Any:
        headers = {**self.key, **HOST, **({"Content-Type": kind} if kind else {})}
        while True:
            status, _, answer = self.gateway.call(method, path, body, headers)
            if status not in AWAY:  # its replica was killed
                assert status < 300, answer
                return json.loads(answer)

    def load(self, name: str) -> str:
        self.call("POST", f"/datasets?name={name}", TABLE, "text/csv")
        path = f"/datasets/{name}"
        wait_until(lambda: self.call("GET", path)["state"] == "ready", what="the import")
        return path

    def rows(self, path: str) -> list[list[Any]]:
        found = self.call("GET", f"{path}/records?limit=1000")["items"]
        return [list(one["values"].values()) for one in found]

    def wait_for_rows(self, path: str, count: int) -> list[list[Any]]:
        """Wait by lists alone: who reads the dataset itself would look after its steps."""
        wait_until(lambda: len(self.rows(path)) >= count, what=f"{count} rows")
        return self.rows(path)

    def send(self, headers: Any, body: Any) -> None:
        status, _, answer = self.gateway.call(
            "POST", "/default/default", body, {**headers, **INGRESS}
        )
        assert status == 202, answer


def every_second(item: Any) -> None:
    if item["kind"] == "PingSource":
        item["spec"]["schedule"] = EVERY_SECOND


@pytest.fixture(scope="module")
def plane(
    broker: Broker,
    emulators: dict[str, str],
    key: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Plane]:
    folder = tmp_path_factory.mktemp("knative")
    with open_site() as site:
        env = emulators | {"MAYFLY_ALLOWED_ADDRESSES": site.address}
        with plane_with(["datasets"], env, broker, folder, platform="knative") as gateway:
            deploy_eventing(gateway, every_second)
            yield Plane(gateway, site, key)


def pushed(dataset: str, number: int) -> CloudEvent:
    attributes = {"type": "dev.mayfly.records.pushed", "source": "/shop", "id": str(number)}
    attributes["datacontenttype"] = "application/json"
    record = {"id": number, "town": f"town {number}"}
    return CloudEvent(attributes, {"dataset": dataset, "records": [record], "key": KEY})


def test_events_to_the_broker_become_rows_once_each_whoever_dies(plane: Plane) -> None:
    path = plane.load("events-pushed")
    numbers = range(10, 30)
    for number in numbers:
        for mode in (to_binary, to_structured):  # senders repeat what got no answer
            plane.send(*mode(pushed("events-pushed", number)))
        if number == 20:
            kill_replicas(plane.gateway, "datasets")
    found = plane.wait_for_rows(path, len(ROWS) + len(numbers))
    assert sorted(found) == [*ROWS, *([number, f"town {number}"] for number in numbers)]
    assert plane.call("GET", path)["revision"] == 1 + len(numbers)


def test_a_ping_source_has_scheduled_rows_fetched(plane: Plane) -> None:
    path = plane.load("events-scheduled")
    url = plane.site.show("/rows.csv", "id,town\n2,Ulm\n3,Bern\n")
    asked = {"mode": "upsert", "key": ["id"], "source": {"url": url}}
    body = json.dumps({"every_minutes": 5, "asked": asked}).encode()
    plane.call("PUT", f"{path}/schedule", body, "application/json")
    assert plane.wait_for_rows(path, 3) == [[1, "Rome"], [2, "Ulm"], [3, "Bern"]]
    made = plane.call("GET", f"{path}/imports/1")
    assert (made["state"], made["source"]["url"]) == ("done", url)
    schedule = plane.call("GET", f"{path}/schedule")
    assert (schedule["last"], schedule["failure"]) == ("1", None)
    assert schedule["next_at"] > made["created_at"]
