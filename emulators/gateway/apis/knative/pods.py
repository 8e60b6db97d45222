"""Replicas as pods of the Kubernetes API, to look at and to delete, with their logs."""

import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

from emulators.gateway.apis.admin import Admin
from emulators.gateway.apis.knative.revisions import labels_of, revision_uid
from emulators.gateway.apis.kubernetes.api import answered
from emulators.gateway.apis.kubernetes.collection import ReadOnly
from emulators.gateway.apis.kubernetes.objects import Object, identity, owner
from emulators.gateway.apis.kubernetes.resources import POD, REVISION
from emulators.gateway.errors import Elsewhere, Invalid, NotFound
from emulators.gateway.http.buffered import Answer, Incoming
from emulators.gateway.model.moments import timestamp
from emulators.gateway.service.deployments.functions import Function
from emulators.gateway.service.deployments.plane import Plane
from emulators.gateway.service.following import Selection, follow, kept
from emulators.gateway.service.logs import LogLine
from emulators.gateway.service.replicas.pool import Replica
from emulators.gateway.specs.durations import moment, whole
from emulators.gateway.specs.knative_objects import API_VERSION
from emulators.gateway.specs.names import canonical, knative_view

CONTAINER = "user-container"


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
        """Note when a replica was ready."""
        self._ready_at[replica] = time.time()

    def register(self, admin: Admin) -> None:
        """Add the route of logs."""
        base = f"{POD.base}/namespaces/{{namespace}}/{POD.plural}"
        admin.add("GET", base + "/{name}/log", answered(self.log))

    def objects(self) -> list[Object]:
        """Return every replica, also those that finish what they hold."""
        found = [
            _object(function, replica, self._ready_at.get(replica.instance.id, 0.0))
            for _, function in sorted(self._plane.functions.items())
            for replica in _replicas(function)
        ]
        names = {pod["metadata"]["name"] for pod in found}
        self._ready_at = {name: at for name, at in self._ready_at.items() if name in names}
        return found

    def find(self, namespace: str, name: str) -> Object | None:
        """Return one replica."""
        found = self._replica(namespace, name)
        return _object(*found, self._ready_at.get(name, 0.0)) if found else None

    async def remove(self, namespace: str, name: str) -> None:
        """End a replica, once it has finished what it holds; another takes its place."""
        found = self._replica(namespace, name)
        if found is not None:
            self._plane.renew(found[1])

    async def log(self, incoming: Incoming, namespace: str, name: str) -> Answer:
        """Return what a replica wrote, then what it writes, if asked for."""
        found = self._replica(namespace, name)
        if found is None:
            raise NotFound(f'pods "{name}" not found', about={"name": name, "kind": "pods"})
        query = incoming.query
        if query.get("container", CONTAINER) != CONTAINER:
            raise Invalid(
                f"container {query['container']!r} is not valid for pod {name!r}",
                f"the only one is {CONTAINER}",
            )
        file = self._plane.log_of(found[0])
        if file is None:
            raise Elsewhere(f"pod {name!r} runs elsewhere", "its log is kept there")
        wanted, stamped = _selection(name, query), query.get("timestamps") == "true"
        if query.get("follow") in ("1", "true"):
            lines = follow(file, wanted, lambda: self._replica(namespace, name) is not None)
            return Answer(200, b"", "text/plain", pieces=_pieces(lines, stamped=stamped))
        return Answer(200, _text(await kept(file, wanted), stamped=stamped), "text/plain")

    def _replica(self, namespace: str, name: str) -> tuple[Function, Replica] | None:
        for function in self._plane.listed(canonical(namespace)):
            for replica in _replicas(function):
                if replica.instance.id == name:
                    return function, replica
        return None


def _replicas(function: Function) -> list[Replica]:
    pools = [scaled.pool for scaled in (*function.pools(), function.next) if scaled is not None]
    return [replica for pool in pools for replica in (*pool.replicas, *pool.leaving)]


def _selection(name: str, query: Mapping[str, str]) -> Selection:
    since = query.get("sinceTime") or query.get("sinceSeconds")
    return Selection(
        name,
        since=moment(since, "since") if since else "",
        tail=whole(query.get("tailLines", "-1"), "tailLines", -1, 10**9),
    )


async def _pieces(
    lines: AsyncGenerator[list[LogLine], None], *, stamped: bool
) -> AsyncGenerator[bytes, None]:
    async with aclosing(lines):
        async for some in lines:
            yield _text(some, stamped=stamped)


def _text(lines: list[LogLine], *, stamped: bool) -> bytes:
    shown = (f"{x.timestamp} {x.text}\n" if stamped else f"{x.text}\n" for x in lines)
    return "".join(shown).encode()


def _object(function: Function, replica: Replica, ready_at: float) -> Object:
    revision, name = replica.pool.revision, replica.instance.id
    metadata = {
        "name": name,
        "namespace": knative_view(function.namespace),
        "uid": identity(POD.qualified, function.label, name),
        "ownerReferences": [
            owner(API_VERSION, REVISION.kind, revision.name, revision_uid(function, revision))
        ],
        "labels": labels_of(function, revision)
        | {"app": revision.name, "serving.knative.dev/revision": revision.name},
        "creationTimestamp": timestamp(ready_at),
    }
    if replica in replica.pool.leaving:
        metadata["deletionTimestamp"] = timestamp(ready_at)
    container = {"name": CONTAINER, "image": revision.image}
    running = {"running": {"startedAt": timestamp(ready_at)}}
    ready = not replica.unready
    status = {**container, "ready": ready, "restartCount": 0, "imageID": "", "state": running}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": {"containers": [container]},
        "status": {
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": str(ready)}],
            "containerStatuses": [status],
        },
    }
