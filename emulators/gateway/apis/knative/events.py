"""Why revisions do not start, and replicas died, as events of the Kubernetes API, to look at."""

from collections.abc import Iterable

from emulators.gateway.apis.knative.services import Services
from emulators.gateway.apis.kubernetes.collection import ReadOnly
from emulators.gateway.apis.kubernetes.objects import (
    Object,
    identity,
    metadata_of,
)
from emulators.gateway.apis.kubernetes.resources import EVENT
from emulators.gateway.model.moments import timestamp
from emulators.gateway.service.deployments.functions import Function
from emulators.gateway.service.deployments.plane import Plane
from emulators.gateway.service.replicas.deaths import Death

_REASONS = {
    "hung": "ReplicaHung",
    "overtime": "ReplicaOvertime",
    "unhealthy": "ReplicaUnhealthy",
}


class Events(ReadOnly):
    """``v1`` events: one for each Service whose newest revision fails, and for each death.

    Args:
        plane: The functions.
        services: What the events are about.
        deaths: The last replicas that died.
    """

    resource = EVENT

    def __init__(self, plane: Plane, services: Services, deaths: Iterable[Death]) -> None:
        self._deaths = deaths
        self._plane = plane
        self._services = services

    def objects(self) -> list[Object]:
        """Return every event."""
        functions = self._plane.functions
        found = ((f, self._plane.failure(f)) for _, f in sorted(functions.items()))
        died = (
            self._death(function, death)
            for death in self._deaths
            if (function := functions.get((death.revision.namespace, death.revision.function)))
        )
        return [*(self._failure(f, failure) for f, failure in found if failure), *died]

    def find(self, namespace: str, name: str) -> Object | None:
        """Return one event."""
        wanted = {"name": name, "namespace": namespace}
        return next((e for e in self.objects() if wanted.items() <= metadata_of(e).items()), None)

    def _failure(self, function: Function, failure: str) -> Object:
        revision = function.deployment.current
        name, at = f"{revision.name}.failed", revision.created_at
        return self._object(function, name, "RevisionFailed", failure, at)

    def _death(self, function: Function, death: Death) -> Object:
        reason = _REASONS.get(death.cause, "ReplicaDied")
        return self._object(function, f"{death.replica}.died", reason, death.message, death.at)

    def _object(
        self, function: Function, name: str, reason: str, message: str, moment: float
    ) -> Object:
        service = self._services.object(function)
        about, at = metadata_of(service), timestamp(moment)
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {
                "name": name,
                "namespace": about["namespace"],
                "uid": identity(EVENT.qualified, about["uid"], name),
                "creationTimestamp": at,
            },
            "involvedObject": {
                "apiVersion": service["apiVersion"],
                "kind": service["kind"],
                "name": about["name"],
                "namespace": about["namespace"],
                "uid": about["uid"],
            },
            "type": "Warning",
            "reason": reason,
            "message": message,
            "source": {"component": "gateway"},
            "count": 1,
            "firstTimestamp": at,
            "lastTimestamp": at,
        }
