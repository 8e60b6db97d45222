"""What Knative makes of each Service: a Configuration and a Route, to look at."""

from collections.abc import Callable

from emulators.gateway.apis.knative.revisions import SERVICE_LABEL
from emulators.gateway.apis.knative.services import Services
from emulators.gateway.apis.kubernetes.collection import ReadOnly
from emulators.gateway.apis.kubernetes.objects import Object, identity, metadata_of, owner
from emulators.gateway.apis.kubernetes.resources import CONFIGURATION, ROUTE, Resource

_OF_CONFIGURATION = ("observedGeneration", "latestCreatedRevisionName", "latestReadyRevisionName")
_OF_ROUTE = ("observedGeneration", "url", "address", "traffic")


class Parts(ReadOnly):
    """One object for each Service.

    Args:
        resource: What the objects are.
        services: Whose parts they are.
        make: Makes a part of a Service.
    """

    def __init__(
        self, resource: Resource, services: Services, make: Callable[[Object], Object]
    ) -> None:
        self.resource = resource
        self._services = services
        self._make = make

    def objects(self) -> list[Object]:
        """Return the part of every Service."""
        return [self._make(service) for service in self._services.objects()]

    def find(self, namespace: str, name: str) -> Object | None:
        """Return the part of one Service."""
        service = self._services.find(namespace, name)
        return self._make(service) if service else None


def configurations(services: Services) -> Parts:
    """Return the templates of Services."""
    return Parts(CONFIGURATION, services, _configuration)


def routes(services: Services) -> Parts:
    """Return the traffic of Services."""
    return Parts(ROUTE, services, _route)


def _configuration(service: Object) -> Object:
    spec = {"template": service["spec"]["template"]}
    return _part(CONFIGURATION, service, spec, _OF_CONFIGURATION)


def _route(service: Object) -> Object:
    latest = [{"latestRevision": True, "percent": 100}]
    targets = service["spec"].get("traffic") or latest
    name = metadata_of(service)["name"]
    named = [t if t.get("revisionName") else {**t, "configurationName": name} for t in targets]
    return _part(ROUTE, service, {"traffic": named}, _OF_ROUTE)


def _part(resource: Resource, service: Object, spec: Object, kept: tuple[str, ...]) -> Object:
    metadata, status = metadata_of(service), service["status"]
    return {
        "apiVersion": resource.api_version,
        "kind": resource.kind,
        "metadata": {
            **metadata,
            "annotations": {},
            "labels": {**(metadata.get("labels") or {}), SERVICE_LABEL: metadata["name"]},
            "uid": identity(resource.qualified, metadata["uid"]),
            "ownerReferences": [
                owner(service["apiVersion"], "Service", metadata["name"], metadata["uid"])
            ],
        },
        "spec": spec,
        "status": {"conditions": [c for c in status["conditions"] if c["type"] == "Ready"]}
        | {key: status[key] for key in kept if key in status},
    }
