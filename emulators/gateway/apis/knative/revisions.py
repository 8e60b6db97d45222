"""Revisions of Knative Services, as objects of the Kubernetes API."""

from typing import Any

from emulators.gateway.apis.kubernetes.collection import ReadOnly
from emulators.gateway.apis.kubernetes.objects import Object, identity, owner
from emulators.gateway.apis.kubernetes.resources import CONFIGURATION, REVISION, SERVICE
from emulators.gateway.model.moments import timestamp
from emulators.gateway.model.revision import Revision
from emulators.gateway.service.deployments.functions import Function
from emulators.gateway.service.deployments.plane import Plane
from emulators.gateway.service.deployments.readiness import Readiness
from emulators.gateway.specs.knative_objects import API_VERSION
from emulators.gateway.specs.names import knative_view

SERVICE_LABEL = "serving.knative.dev/service"


def labels_of(function: Function, revision: Revision) -> dict[str, str]:
    """Return the labels that tell whose a revision is, beside its own."""
    return revision.labels | {
        SERVICE_LABEL: function.name,
        "serving.knative.dev/configuration": function.name,
        "serving.knative.dev/configurationGeneration": str(revision.number),
    }


def service_uid(function: Function) -> str:
    """Return the uid of a function as a Service."""
    return identity(SERVICE.qualified, function.label, function.deployment.created_at)


def revision_uid(function: Function, revision: Revision) -> str:
    """Return the uid of a revision."""
    return identity(REVISION.qualified, function.label, revision.name, revision.created_at)


def _configuration(function: Function) -> Object:
    """Return the reference to what Knative makes revisions of."""
    uid = identity(CONFIGURATION.qualified, service_uid(function))
    return owner(API_VERSION, CONFIGURATION.kind, function.name, uid)


class Revisions(ReadOnly):
    """``serving.knative.dev/v1`` revisions: made by deploys, removed by hand.

    Args:
        plane: The functions.
        readiness: Knows the revisions that have been ready.
    """

    resource = REVISION

    def __init__(self, plane: Plane, readiness: Readiness) -> None:
        self._plane = plane
        self._readiness = readiness

    def objects(self) -> list[Object]:
        """Return every revision, a function's newest first."""
        return [
            self._object(function, revision)
            for _, function in sorted(self._plane.functions.items())
            for revision in reversed(function.deployment.revisions)
        ]

    def find(self, namespace: str, name: str) -> Object | None:
        """Return one revision."""
        found = self._found(namespace, name)
        return self._object(*found) if found else None

    async def remove(self, namespace: str, name: str) -> None:
        """Forget a revision that gets no requests.

        Raises:
            Invalid: When it gets some.
        """
        found = self._found(namespace, name)
        if found is not None:
            self._plane.remove_revision(*found)

    def _found(self, namespace: str, name: str) -> tuple[Function, Revision] | None:
        for function in self._plane.listed(namespace):
            revision = function.deployment.revision(name)
            if revision is not None:
                return function, revision
        return None

    def _object(self, function: Function, revision: Revision) -> Object:
        container: dict[str, Any] = {"image": revision.image}
        container["env"] = [{"name": k, "value": v} for k, v in revision.env.items()]
        return {
            "apiVersion": API_VERSION,
            "kind": "Revision",
            "metadata": {
                "name": revision.name,
                "namespace": knative_view(revision.namespace),
                "uid": revision_uid(function, revision),
                "ownerReferences": [_configuration(function)],
                "generation": 1,
                "labels": labels_of(function, revision),
                "annotations": revision.annotations,
                "creationTimestamp": timestamp(revision.created_at),
            },
            "spec": {
                "containerConcurrency": revision.concurrency,
                "timeoutSeconds": int(revision.timeout),
                "containers": [container],
            },
            "status": self._status(function, revision),
        }

    def _status(self, function: Function, revision: Revision) -> Object:
        pools = {scaled.name: scaled.pool for scaled in function.pools()}
        pool = pools.get(revision.name)
        failure = self._plane.failure(function, revision.name)
        newest = revision is function.deployment.current
        coming = newest and self._plane.coming(function) and not self._readiness.ever(revision)
        ready = "False" if failure else "Unknown" if coming else "True"
        condition = {"type": "Ready", "status": ready}
        if failure:
            condition |= {"reason": "RevisionFailed", "message": failure}
        active = {"type": "Active", "status": "True" if pool and pool.replicas else "False"}
        return {
            "observedGeneration": 1,
            "conditions": [condition, active],
            "actualReplicas": pool.ready if pool else 0,
        }
