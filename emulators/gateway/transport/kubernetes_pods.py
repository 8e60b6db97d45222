"""Replicas as pods of the Kubernetes API, to look at, with their logs."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import closing

from emulators.gateway.errors import GatewayError
from emulators.gateway.kubernetes.collection import ReadOnly
from emulators.gateway.kubernetes.objects import Object, identity, timestamp
from emulators.gateway.kubernetes.resources import POD
from emulators.gateway.kubernetes.status import StatusError
from emulators.gateway.runtimes.logs import LogFile, LogLine
from emulators.gateway.service.functions import Function
from emulators.gateway.service.plane import Plane
from emulators.gateway.service.pool import Replica
from emulators.gateway.specs.durations import moment, whole
from emulators.gateway.specs.names import canonical, knative_view
from emulators.gateway.transport.admin import Admin
from emulators.gateway.transport.buffered import Answer, Incoming
from emulators.gateway.transport.knative_revisions import labels_of
from emulators.gateway.transport.kubernetes import answered

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
            raise StatusError(
                404, f'pods "{name}" not found', details={"name": name, "kind": "pods"}
            )
        query = incoming.query
        if query.get("container", CONTAINER) != CONTAINER:
            raise GatewayError(
                400, f"container {query['container']!r} is not valid for pod {name!r}",
                f"the only one is {CONTAINER}",
            )  # fmt: skip
        file = self._plane.log_of(found[0])
        if file is None:
            raise GatewayError(501, f"pod {name!r} runs elsewhere", "its log is kept there")
        if query.get("follow") in ("1", "true"):
            return Answer(200, b"", "text/plain", pieces=self._follow(incoming, namespace, name))
        lines = _past(incoming, name, await asyncio.to_thread(file.read))
        return Answer(200, b"".join(_text(incoming, line) for line in lines), "text/plain")

    async def _follow(
        self, incoming: Incoming, namespace: str, name: str
    ) -> AsyncGenerator[bytes, None]:
        coming: asyncio.Queue[LogLine] = asyncio.Queue(maxsize=10_000)
        found = self._replica(namespace, name)
        file: LogFile | None = self._plane.log_of(found[0]) if found else None
        if file is None:
            return
        with closing(file.listen(coming)):
            past = _past(incoming, name, await asyncio.to_thread(file.read))
            if past:
                yield b"".join(_text(incoming, line) for line in past)
            last = past[-1] if past else None
            while not coming.empty() or self._replica(namespace, name):
                try:
                    line = await asyncio.wait_for(coming.get(), _LOOK)
                except TimeoutError:
                    continue
                if line.instance == name and (last is None or line.timestamp > last.timestamp):
                    yield _text(incoming, line)

    def _replica(self, namespace: str, name: str) -> tuple[Function, Replica] | None:
        for function in self._plane.listed(canonical(namespace)):
            for replica in _replicas(function):
                if replica.instance.id == name:
                    return function, replica
        return None


def _replicas(function: Function) -> list[Replica]:
    pools = [scaled.pool for scaled in (*function.pools(), function.next) if scaled is not None]
    return [replica for pool in pools for replica in (*pool.replicas, *pool.leaving)]


def _past(incoming: Incoming, name: str, lines: list[LogLine]) -> list[LogLine]:
    found = [line for line in lines if line.instance == name]
    query = incoming.query
    since = query.get("sinceTime") or query.get("sinceSeconds")
    if since:
        found = [line for line in found if line.timestamp >= moment(since, "since")]
    tail = whole(query.get("tailLines", "-1"), "tailLines", -1, 10**9)
    return found[max(0, len(found) - tail) :] if tail >= 0 else found


def _text(incoming: Incoming, line: LogLine) -> bytes:
    stamp = f"{line.timestamp} " if incoming.query.get("timestamps") == "true" else ""
    return f"{stamp}{line.text}\n".encode()


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
