"""Knative Serving's Services, as objects of the Kubernetes API."""

import asyncio
import time
from typing import Any

import msgspec

from emulators.gateway.apis.knative.revisions import service_uid
from emulators.gateway.apis.kubernetes.objects import (
    Object,
    metadata_of,
    wanted,
)
from emulators.gateway.apis.kubernetes.resources import SERVICE
from emulators.gateway.model.moments import timestamp
from emulators.gateway.model.revision import Deployment, Revision
from emulators.gateway.model.traffic import Share
from emulators.gateway.proxy.grpc.h2c_ports import Listeners
from emulators.gateway.service.deployments.functions import Function
from emulators.gateway.service.deployments.plane import Plane
from emulators.gateway.service.deployments.readiness import Readiness
from emulators.gateway.service.deployments.revisions import missing_revision
from emulators.gateway.specs import knative
from emulators.gateway.specs.knative_objects import API_VERSION
from emulators.gateway.specs.names import canonical, knative_view

_OUT_OF_DATE = "The gateway is still working to reflect the latest desired specification."
CONDITIONS = ("ConfigurationsReady", "RoutesReady", "Ready")


class Services:
    """Functions as ``serving.knative.dev/v1`` Services.

    Args:
        plane: The functions.
        port: Where functions are reached, for their addresses.
        listeners: Those of gRPC services.
        readiness: Knows the revisions that have been ready.
    """

    resource = SERVICE

    def __init__(self, plane: Plane, port: int, listeners: Listeners, readiness: Readiness) -> None:
        self._readiness = readiness
        self._listeners = listeners
        self._plane = plane
        self._port = port

    def objects(self) -> list[Object]:
        """Return every function."""
        return [self.object(f) for _, f in sorted(self._plane.functions.items())]

    def find(self, namespace: str, name: str) -> Object | None:
        """Return one function."""
        function = self._plane.functions.get((canonical(namespace), name))
        return self.object(function) if function else None

    def read(self, wanted: Object) -> Deployment:
        """Read a Service.

        Raises:
            Invalid: Naming the field that is wrong.
        """
        namespace = str(metadata_of(wanted)["namespace"])
        return knative.parse(msgspec.json.encode(wanted), namespace, time.time())

    async def put(self, item: Deployment) -> None:
        """Deploy; the status shows a change that was not acted on yet, as there, until it is.

        Clients tell by that whether anything changed (`kn service apply`).

        Raises:
            GatewayError: When it cannot run here.
        """
        await self._listeners.check(item.current)
        known = self._plane.functions.get((item.namespace, item.name))
        before = known.deployment.generation if known else 0
        function = await self._plane.deploy(item)
        await self._listeners.sync()
        function.observed = before
        asyncio.get_running_loop().call_soon(function.observe)

    async def remove(self, namespace: str, name: str) -> None:
        """Remove a function."""
        await self._plane.remove(namespace, name)
        await self._listeners.sync()

    def object(self, function: Function) -> Object:
        """Return a function as a Service, with its status."""
        deployment = function.deployment
        if deployment.origin == "knative":
            shown = wanted(deployment.manifest)
        else:
            shown = _manifest(deployment.current)
        metadata = shown["metadata"] | {
            "name": function.name,
            "namespace": knative_view(function.namespace),
            "uid": service_uid(function),
            "generation": deployment.generation,
            "creationTimestamp": timestamp(deployment.created_at),
        }
        head = {"apiVersion": API_VERSION, "kind": "Service", **shown}
        return {**head, "metadata": metadata, "status": self.status(function)}

    def status(self, function: Function) -> Object:
        """Return what became of a Service."""
        served = function.serving.pool.revision
        deployment = function.deployment
        inside = f"{function.name}.{knative_view(function.namespace)}.svc.cluster.local"
        host = self._host(function)
        observed = {"observedGeneration": function.observed} if function.observed else {}
        return {
            **observed,
            "conditions": self._conditions(function),
            "latestCreatedRevisionName": deployment.current.name,
            "latestReadyRevisionName": served.name if self._was_ready(function) else "",
            "url": f"http://{host}",
            "address": {"url": f"http://{inside}"},
            "traffic": [self._share(share, host) for share in function.shares],
        }

    def _was_ready(self, function: Function) -> bool:
        """Tell whether what serves has been ready; with no replicas from the start it always is."""
        plane, served = self._plane, function.serving.pool.revision
        begun = plane.failure(function, served.name) or plane.coming(function)
        return self._readiness.ever(served) or not begun

    def _conditions(self, function: Function) -> list[Object]:
        newest, failure = function.deployment.current, self._plane.failure(function)
        if function.observed != function.deployment.generation:
            state = {"status": "Unknown", "reason": "OutOfDate", "message": _OUT_OF_DATE}
        elif failure:
            state = {"status": "False", "reason": "RevisionFailed", "message": failure}
        elif self._plane.coming(function) and not self._readiness.ever(newest):
            waiting = f"revision {newest.name!r} is not ready yet"
            state = {"status": "Unknown", "reason": "RevisionMissing", "message": waiting}
        else:
            state = {"status": "True"}
        lost = missing_revision(function.deployment)
        routed = {"status": "False", "reason": "RevisionMissing"} | {
            "message": f'Revision "{lost}" referenced in traffic not found.'
        }
        return [
            {"type": kind, **(routed if lost and kind != "ConfigurationsReady" else state)}
            for kind in CONDITIONS
        ]

    def _host(self, function: Function) -> str:
        """Return where it is called: outside at the gateway's port, inside as in a cluster."""
        name = f"{function.name}.{knative_view(function.namespace)}"
        if function.deployment.cluster_local:
            return f"{name}.svc.cluster.local"
        return f"{name}.localhost:{function.serving.pool.revision.h2c_port or self._port}"

    def _share(self, share: Share, host: str) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "revisionName": share.revision,
            "latestRevision": share.latest,
            "percent": share.percent,
        }
        if share.tag:
            shown |= {"tag": share.tag, "url": f"http://{share.tag}-{host}"}
        return shown


def _manifest(revision: Revision) -> Object:
    """Return a Service that says what a function deployed through OpenFaaS is."""
    env = [{"name": key, "value": value} for key, value in revision.env.items()]
    container = {"image": revision.image} | ({"env": env} if env else {})
    return {"metadata": {}, "spec": {"template": {"spec": {"containers": [container]}}}}
