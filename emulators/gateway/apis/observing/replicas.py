"""Replicas as targets of a Prometheus: found by its HTTP service discovery, scraped from here.

A call to a function reaches one of its replicas, and starts one where there is none; a scrape has
to reach each, and to start none. Asked are replicas of functions whose template says so by the
usual annotation: a `/metrics` of somebody's own function may be anything.
"""

from collections.abc import Iterator

import msgspec

from emulators.gateway.apis.admin import Admin
from emulators.gateway.errors import NotFound, OutOfReach, TimedOut
from emulators.gateway.http import client
from emulators.gateway.http.buffered import Answer, Incoming
from emulators.gateway.service.deployments.functions import Function
from emulators.gateway.service.deployments.plane import Plane
from emulators.gateway.service.replicas.pool import Replica

ANNOTATION = "prometheus.io/scrape"
PATH = "/metrics"
LIMIT = 5.0
"""Seconds that a replica has to answer a scrape, whatever it works on."""


class ReplicasApi:
    """The routes ``/replicas`` and ``/replicas/{replica}/metrics``.

    Args:
        plane: The functions.
    """

    def __init__(self, plane: Plane) -> None:
        self._plane = plane

    def register(self, admin: Admin) -> None:
        """Add its routes."""
        admin.add("GET", "/replicas", self.targets)
        admin.add("GET", "/replicas/{replica}/metrics", self.scrape)

    async def targets(self, incoming: Incoming) -> Answer:
        """Return the replicas that run now, in the form of Prometheus' `http_sd_config`."""
        here = incoming.header(b"host")
        found = [_target(here, *each) for each in self._scraped()]
        return Answer(200, msgspec.json.encode(found))

    async def scrape(self, incoming: Incoming, replica: str) -> Answer:
        """Return what a replica answers to a scrape by whoever asks."""
        found = next((one for _, one in self._scraped() if one.instance.id == replica), None)
        if found is None:
            raise NotFound(f"no replica {replica!r} runs that is scraped", "/replicas lists them")
        shown = incoming.request.get(b"authorization")
        headers = [(b"host", b"localhost"), (b"accept", b"text/plain")]
        headers += [(b"authorization", shown)] if shown else []
        try:
            outcome = await client.get(found.instance.address, PATH, headers, LIMIT)
        except TimeoutError:
            raise TimedOut(f"replica {replica!r} did not answer within {LIMIT:g} s") from None
        except OSError as error:
            raise OutOfReach(f"replica {replica!r} cannot be reached: {error}") from error
        kind = dict(outcome.headers).get(b"content-type", b"text/plain").decode("latin-1")
        return Answer(outcome.status, outcome.body, kind)

    def _scraped(self) -> Iterator[tuple[Function, Replica]]:
        for _, function in sorted(self._plane.functions.items()):
            for scaled in function.pools():
                revision = scaled.pool.revision
                if revision.annotations.get(ANNOTATION) == "true" and not revision.h2c_port:
                    for replica in scaled.pool.replicas:
                        yield function, replica


def _target(here: str, function: Function, replica: Replica) -> dict[str, object]:
    name = replica.instance.id
    labels = {
        "__metrics_path__": f"/replicas/{name}{PATH}",
        "function_name": function.label,
        "revision": replica.pool.revision.name,
        "replica": name,
    }
    return {"targets": [here], "labels": labels}
