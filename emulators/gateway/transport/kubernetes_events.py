"""Why revisions do not start, as events of the Kubernetes API, to look at."""

from emulators.gateway.kubernetes.collection import ReadOnly
from emulators.gateway.kubernetes.objects import Object, identity, metadata_of, timestamp
from emulators.gateway.kubernetes.resources import EVENT
from emulators.gateway.service.functions import Function
from emulators.gateway.service.plane import Plane
from emulators.gateway.transport.knative import Services


class Events(ReadOnly):
    """``v1`` events: one for each Service whose newest revision fails.

    Args:
        plane: The functions.
        services: What the events are about.
    """

    resource = EVENT

    def __init__(self, plane: Plane, services: Services) -> None:
        self._plane = plane
        self._services = services

    def objects(self) -> list[Object]:
        """Every event."""
        found = ((f, self._plane.failure(f)) for _, f in sorted(self._plane.functions.items()))
        return [self._object(function, failure) for function, failure in found if failure]

    def find(self, namespace: str, name: str) -> Object | None:
        """One event."""
        wanted = {"name": name, "namespace": namespace}
        return next((e for e in self.objects() if wanted.items() <= metadata_of(e).items()), None)

    def _object(self, function: Function, failure: str) -> Object:
        service = self._services.object(function)
        about, revision = metadata_of(service), function.deployment.current
        at = timestamp(revision.created_at)
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {
                "name": f"{revision.name}.failed",
                "namespace": about["namespace"],
                "uid": identity(EVENT.qualified, about["uid"], revision.name),
                "creationTimestamp": at,
            },
            "involvedObject": {
                "apiVersion": service["apiVersion"], "kind": service["kind"],
                "name": about["name"], "namespace": about["namespace"], "uid": about["uid"],
            },
            "type": "Warning",
            "reason": "RevisionFailed",
            "message": failure,
            "source": {"component": "gateway"},
            "count": 1,
            "firstTimestamp": at,
            "lastTimestamp": at,
        }  # fmt: skip
