"""Replicas as pods of the Kubernetes API, to look at, with their logs."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from contextlib import closing

import msgspec

from emulators.gateway.apis.knative.revisions import labels_of
from emulators.gateway.apis.kubernetes.api import answered
from emulators.gateway.apis.kubernetes.collection import ReadOnly
from emulators.gateway.apis.kubernetes.objects import Object, identity, timestamp
from emulators.gateway.apis.kubernetes.resources import POD
from emulators.gateway.apis.openfaas.admin import Admin
from emulators.gateway.errors import Elsewhere, Invalid, NotFound
from emulators.gateway.http.buffered import Answer, Incoming
from emulators.gateway.runtimes.logs import LogFile, LogLine
from emulators.gateway.service.functions import Function
from emulators.gateway.service.plane import Plane
from emulators.gateway.service.pool import Replica
from emulators.gateway.specs.durations import moment, whole
from emulators.gateway.specs.names import canonical, knative_view

CONTAINER = "user-container"
_LOOK = 0.5  # seconds between two looks whether a pod whose log is followed is still there


class Pods(ReadOnly):
    """``v1`` pods: one for each replica.

    Args:
        plane: The functions.
    """

    resource = POD

    def __init__(self, plane: Plane) -> None:
        self._plane = plane
        self._ready_at: dict[str, float] = {}

    def started(self, replica: str) -> None:
        """Notes when a replica was ready."""
        self._ready_at[replica] = time.time()

    def register(self, admin: Admin) -> None:
        """Adds the route of logs."""
        base = f"{POD.base}/namespaces/{{namespace}}/{POD.plural}"
        admin.add("GET", base + "/{name}/log", answered(self.log))

    def objects(self) -> list[Object]:
        """Every replica, also those that finish what they hold."""
        found = [
            _object(function, replica, self._ready_at.get(replica.instance.id, 0.0))
            for _, function in sorted(self._plane.functions.items())
            for replica in _replicas(function)
        ]
        names = {pod["metadata"]["name"] for pod in found}
        self._ready_at = {name: at for name, at in self._ready_at.items() if name in names}
        return found

    def find(self, namespace: str, name: str) -> Object | None:
        """One replica."""
        found = self._replica(namespace, name)
        return _object(*found, self._ready_at.get(name, 0.0)) if found else None

    async def log(self, incoming: Incoming, namespace: str, name: str) -> Answer:
        """What a replica wrote, then what it writes, if asked for."""
        found = self._replica(namespace, name)
        if found is None:
            raise NotFound(f'pods "{name}" not found', about={"name": name, "kind": "pods"})
        query = incoming.query
        if query.get("container", CONTAINER) != CONTAINER:
            raise Invalid(
                f"container {query['container']!r} is not valid for pod {name!r}",
                f"the only one is {CONTAINER}",
            )  # fmt: skip
        file = self._plane.log_of(found[0])
        if file is None:
            raise Elsewhere(f"pod {name!r} runs elsewhere", "its log is kept there")
        wanted = _wanted(name, query)
        if query.get("follow") in ("1", "true"):
            return Answer(200, b"", "text/plain", pieces=self._follow(wanted, file, namespace))
        lines = wanted.past(await asyncio.to_thread(file.read))
        return Answer(200, b"".join(map(wanted.text, lines)), "text/plain")

    async def _follow(
        self, wanted: "_Wanted", file: LogFile, namespace: str
    ) -> AsyncGenerator[bytes, None]:
        coming: asyncio.Queue[LogLine] = asyncio.Queue(maxsize=10_000)
        with closing(file.listen(coming)):
            kept = await asyncio.to_thread(file.read)
            told = Counter(kept[-coming.qsize() :] if coming.qsize() else ())
            past = wanted.past(kept)
            if past:
                yield b"".join(map(wanted.text, past))
            while not coming.empty() or self._replica(namespace, wanted.name):
                try:
                    line = await asyncio.wait_for(coming.get(), _LOOK)
                except TimeoutError:
                    continue
                if told[line]:  # it was written while the file was read: it is in both
                    told[line] -= 1
                elif line.instance == wanted.name:
                    yield wanted.text(line)

    def _replica(self, namespace: str, name: str) -> tuple[Function, Replica] | None:
        for function in self._plane.listed(canonical(namespace)):
            for replica in _replicas(function):
                if replica.instance.id == name:
                    return function, replica
        return None


def _replicas(function: Function) -> list[Replica]:
    pools = [scaled.pool for scaled in (*function.pools(), function.next) if scaled is not None]
    return [replica for pool in pools for replica in (*pool.replicas, *pool.leaving)]


class _Wanted(msgspec.Struct, frozen=True):
    """Which lines of a log are asked for, and how they are shown."""

    name: str
    since: str
    tail: int
    stamped: bool

    def past(self, lines: list[LogLine]) -> list[LogLine]:
        """Those among the lines that there are."""
        found = [x for x in lines if x.instance == self.name and x.timestamp >= self.since]
        return found[max(0, len(found) - self.tail) :] if self.tail >= 0 else found

    def text(self, line: LogLine) -> bytes:
        """One line."""
        stamp = f"{line.timestamp} " if self.stamped else ""
        return f"{stamp}{line.text}\n".encode()


def _wanted(name: str, query: Mapping[str, str]) -> _Wanted:
    since = query.get("sinceTime") or query.get("sinceSeconds")
    return _Wanted(
        name,
        since=moment(since, "since") if since else "",
        tail=whole(query.get("tailLines", "-1"), "tailLines", -1, 10**9),
        stamped=query.get("timestamps") == "true",
    )


def _object(function: Function, replica: Replica, ready_at: float) -> Object:
    revision, name = replica.pool.revision, replica.instance.id
    metadata = {
        "name": name,
        "namespace": knative_view(function.namespace),
        "uid": identity(POD.qualified, function.label, name),
        "labels": labels_of(function, revision)
        | {"app": revision.name, "serving.knative.dev/revision": revision.name},
        "creationTimestamp": timestamp(ready_at),
    }
    if replica in replica.pool.leaving:
        metadata["deletionTimestamp"] = timestamp(ready_at)
    container = {"name": CONTAINER, "image": revision.image}
    running = {"running": {"startedAt": timestamp(ready_at)}}
    status = {**container, "ready": True, "restartCount": 0, "imageID": "", "state": running}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": {"containers": [container]},
        "status": {
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": "True"}],
            "containerStatuses": [status],
        },
    }
