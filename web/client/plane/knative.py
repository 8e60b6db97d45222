"""Knative by the Kubernetes API: what `kubectl` and `kn` call."""

from typing import Any

from web.client.errors import NotFound
from web.client.plane.connection import Connection
from web.client.plane_schemas import (
    LEAST,
    MOST,
    Listed,
    LogLine,
    Pod,
    Revision,
    Service,
    Share,
    Source,
)
from web.client.transport.endpoint import path

SERVING = "/apis/serving.knative.dev/v1"
EVENTING = "/apis/eventing.knative.dev/v1"
SOURCES = "/apis/sources.knative.dev/v1"
OF_SERVICE = "serving.knative.dev/service"


class Knative:
    """Services with their revisions, and what leads events to them.

    NotFound is raised where the platform has it not.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def services(self) -> list[Service]:
        """Return all functions."""
        return self._connection.get(Listed[Service], self._place(SERVING, "services")).items

    def service(self, name: str) -> Service:
        """Return one function."""
        return self._connection.get(Service, self._place(SERVING, "services", name))

    def revisions(self, name: str) -> list[Revision]:
        """Return a function's revisions, as the platform orders them."""
        chosen = {"labelSelector": f"{OF_SERVICE}={name}"}
        place = self._place(SERVING, "revisions")
        return self._connection.get(Listed[Revision], place, chosen).items

    def sources(self, name: str) -> list[Source]:
        """Return the triggers and ping sources that lead events to a function."""
        triggers = self._listed(EVENTING, "triggers", "Trigger")
        pings = self._listed(SOURCES, "pingsources", "PingSource")
        return [one for one in (*triggers, *pings) if _names(one, name)]

    def bound(self, name: str, least: int | None, most: int | None, version: str) -> None:
        """Say how few and how many replicas there may be; None leaves it to the platform.

        A new revision has it. Raises Conflict where `version` is no longer what is there.
        """
        bounds = {LEAST: least, MOST: most}
        wanted = {key: None if count is None else str(count) for key, count in bounds.items()}
        template = {"metadata": {"annotations": wanted}}
        self._merge(name, {"template": template}, version)

    def route(self, name: str, shares: list[Share], version: str) -> None:
        """Say which revisions get which share of the calls; `version` as in `bound`."""
        self._merge(name, {"traffic": [_wire(share) for share in shares]}, version)

    def log(self, name: str, tail: int) -> list[LogLine]:
        """Return the last lines of each replica that a function has at the moment."""
        chosen = {"labelSelector": f"{OF_SERVICE}={name}"}
        pods = self._connection.get(Listed[Pod], self._place("/api/v1", "pods"), chosen).items
        lines = [line for pod in pods for line in self._of_pod(pod.metadata.name, tail)]
        return sorted(lines, key=lambda line: line.timestamp)[-tail:]

    def _of_pod(self, pod: str, tail: int) -> list[LogLine]:
        asked = {"tailLines": str(tail), "timestamps": "true", "container": "user-container"}
        try:
            text = self._connection.text(self._place("/api/v1", "pods", pod, "log"), asked)
        except NotFound:  # it has ended meanwhile
            return []
        parts = (line.partition(" ") for line in text.splitlines())
        return [LogLine(words, pod, moment) for moment, _, words in parts]

    def _listed(self, api: str, plural: str, kind: str) -> list[Source]:
        """Return a list; its items leave out the kind that all of them are."""
        found = self._connection.get(Listed[Source], self._place(api, plural)).items
        for one in found:
            one.kind = kind
        return found

    def _merge(self, name: str, spec: dict[str, Any], version: str) -> None:
        patch = {"metadata": {"resourceVersion": version}, "spec": spec}
        self._connection.change("PATCH", self._place(SERVING, "services", name), patch)

    def _place(self, api: str, *parts: str) -> str:
        return api + path("namespaces", self._connection.namespace, *parts)


def _names(source: Source, function: str) -> bool:
    ref = source.leads_to.ref
    return ref is not None and ref.kind == "Service" and ref.name == function


def _wire(share: Share) -> dict[str, Any]:
    """Return a share as it is asked for: by the newest revision, or by a named one."""
    newest = share.latest_revision
    which: dict[str, Any]
    which = {"latestRevision": True} if newest else {"revisionName": share.revision_name}
    tag = {"tag": share.tag} if share.tag else {}
    return which | {"percent": share.percent or 0} | tag
