"""Revisions of Knative Services, as kubectl and kn list them."""

from datetime import UTC, datetime
from typing import Any

from emulators.gateway.errors import GatewayError
from emulators.gateway.service.functions import Function
from emulators.gateway.service.plane import Plane
from emulators.gateway.specs.knative import API_VERSION
from emulators.gateway.specs.names import knative_view
from emulators.gateway.specs.revision import Revision
from emulators.gateway.transport.admin import Admin
from emulators.gateway.transport.bodies import reply
from emulators.gateway.transport.buffered import Answer, Incoming

BASE = "/apis/serving.knative.dev/v1/namespaces/{namespace}/revisions"
SERVICE_LABEL = "serving.knative.dev/service"


class RevisionsApi:
    """Routes of ``serving.knative.dev/v1`` revisions.

    Args:
        plane: The functions.
    """

    def __init__(self, plane: Plane) -> None:
        self._plane = plane

    def register(self, admin: Admin) -> None:
        """Adds its routes."""
        admin.add("GET", BASE, self.list)
        admin.add("GET", BASE + "/{name}", self.describe)
        admin.add("DELETE", BASE + "/{name}", self.remove)

    async def list(self, incoming: Incoming, namespace: str) -> Answer:
        """Every revision of a namespace, or of the service that ``labelSelector`` names."""
        key, _, wanted = incoming.query.get("labelSelector", "").partition("=")
        if key not in ("", SERVICE_LABEL):
            raise GatewayError(400, f"labelSelector: {key!r}", f"only {SERVICE_LABEL}= is known")
        items = [
            self._object(function, revision)
            for function in self._plane.listed(namespace)
            if not key or function.name == wanted.lstrip("=")
            for revision in reversed(function.deployment.revisions)
        ]
        head = {"apiVersion": API_VERSION, "kind": "RevisionList", "metadata": {}}
        return reply(200, head | {"items": items})

    async def describe(self, _: Incoming, namespace: str, name: str) -> Answer:
        """One revision."""
        return reply(200, self._object(*self._found(namespace, name)))

    async def remove(self, _: Incoming, namespace: str, name: str) -> Answer:
        """Forgets a revision that gets no requests."""
        function, revision = self._found(namespace, name)
        self._plane.remove_revision(function, revision)
        return reply(200, {"apiVersion": "v1", "kind": "Status", "status": "Success"})

    def _found(self, namespace: str, name: str) -> tuple[Function, Revision]:
        for function in self._plane.listed(namespace):
            revision = function.deployment.revision(name)
            if revision is not None:
                return function, revision
        raise GatewayError(404, f"there is no revision {name!r}", f"see {BASE}")

    def _object(self, function: Function, revision: Revision) -> dict[str, Any]:
        created = datetime.fromtimestamp(revision.created_at, UTC)
        container: dict[str, Any] = {"image": revision.image}
        container["env"] = [{"name": k, "value": v} for k, v in revision.env.items()]
        return {
            "apiVersion": API_VERSION,
            "kind": "Revision",
            "metadata": {
                "name": revision.name,
                "namespace": knative_view(revision.namespace),
                "labels": revision.labels
                | {
                    SERVICE_LABEL: function.name,
                    "serving.knative.dev/configuration": function.name,
                    "serving.knative.dev/configurationGeneration": str(revision.number),
                },
                "annotations": revision.annotations,
                "creationTimestamp": created.isoformat(timespec="seconds").replace("+00:00", "Z"),
            },
            "spec": {
                "containerConcurrency": revision.concurrency,
                "timeoutSeconds": int(revision.timeout),
                "containers": [container],
            },
            "status": self._status(function, revision),
        }

    def _status(self, function: Function, revision: Revision) -> dict[str, Any]:
        pools = {scaled.name: scaled.pool for scaled in function.pools()}
        pool = pools.get(revision.name)
        failure = self._plane.failure(function, revision.name)
        condition = {"type": "Ready", "status": "False" if failure else "True"}
        if failure:
            condition |= {"reason": "RevisionFailed", "message": failure}
        active = {"type": "Active", "status": "True" if pool and pool.replicas else "False"}
        return {
            "conditions": [condition, active],
            "actualReplicas": len(pool.replicas) if pool else 0,
        }
