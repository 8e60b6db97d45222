"""Knative Serving's API, as kubectl and kn speak it."""

import time
from datetime import UTC, datetime
from typing import Any

from emulators.gateway.errors import GatewayError
from emulators.gateway.service.functions import Function
from emulators.gateway.service.plane import Plane
from emulators.gateway.specs import knative
from emulators.gateway.specs.names import canonical, knative_view
from emulators.gateway.traffic import Share
from emulators.gateway.transport.admin import Admin
from emulators.gateway.transport.bodies import reply
from emulators.gateway.transport.buffered import Answer, Incoming
from emulators.gateway.transport.h2c import Listeners

BASE = "/apis/serving.knative.dev/v1/namespaces/{namespace}/services"


class KnativeApi:
    """Routes of ``serving.knative.dev/v1`` services.

    Args:
        plane: The functions.
        port: Where functions are reached, for their addresses.
        listeners: Those of gRPC services.
    """

    def __init__(self, plane: Plane, port: int, listeners: Listeners) -> None:
        self._listeners = listeners
        self._plane = plane
        self._port = port

    def register(self, admin: Admin) -> None:
        """Adds its routes."""
        admin.add("GET", BASE, self.list)
        admin.add("POST PUT", BASE, self.apply)
        admin.add("PUT", BASE + "/{name}", self.apply)
        admin.add("GET", BASE + "/{name}", self.describe)
        admin.add("DELETE", BASE + "/{name}", self.remove)

    async def list(self, _: Incoming, namespace: str) -> Answer:
        """Every service of a namespace."""
        items = [self._object(function) for function in self._plane.listed(namespace)]
        return reply(
            200,
            {
                "apiVersion": knative.API_VERSION,
                "kind": "ServiceList",
                "metadata": {},
                "items": items,
            },
        )

    async def describe(self, _: Incoming, namespace: str, name: str) -> Answer:
        """One service with its status."""
        return reply(200, self._object(self._plane.get(namespace, name)))

    async def apply(self, incoming: Incoming, namespace: str, name: str = "") -> Answer:
        """Creates or changes a service."""
        wanted = knative.parse(incoming.body, namespace, time.time())
        if name and wanted.name != name:
            raise GatewayError(400, f"metadata.name is {wanted.name!r}, the address says {name!r}",
                               "make them the same")  # fmt: skip
        if wanted.namespace != canonical(namespace):
            raise GatewayError(
                400, f"metadata.namespace differs from the address ({namespace!r})",
                "make them the same",
            )  # fmt: skip
        known = (wanted.namespace, wanted.name) in self._plane.functions
        await self._listeners.check(wanted.current)
        function = await self._plane.deploy(wanted)
        await self._listeners.sync()
        return reply(200 if known else 201, self._object(function))

    async def remove(self, _: Incoming, namespace: str, name: str) -> Answer:
        """Removes a service."""
        await self._plane.remove(namespace, name)
        await self._listeners.sync()
        return reply(200, {"apiVersion": "v1", "kind": "Status", "status": "Success"})

    def _object(self, function: Function) -> dict[str, Any]:
        deployment = function.deployment
        if deployment.origin == "knative":
            shown = dict(deployment.manifest)
        else:
            container = {"image": deployment.current.image}
            spec = {"template": {"spec": {"containers": [container]}}}
            shown = {"apiVersion": knative.API_VERSION, "kind": "Service", "spec": spec}
        created = datetime.fromtimestamp(deployment.created_at, UTC)
        shown["metadata"] = dict(shown.get("metadata", {})) | {
            "name": function.name,
            "namespace": knative_view(function.namespace),
            "generation": deployment.generation,
            "creationTimestamp": created.isoformat(timespec="seconds").replace("+00:00", "Z"),
        }
        return shown | {"status": self._status(function)}

    def _status(self, function: Function) -> dict[str, Any]:
        failure = self._plane.failure(function)
        ready = "False" if failure else "Unknown" if self._plane.coming(function) else "True"
        conditions = []
        for kind in ("ConfigurationsReady", "RoutesReady", "Ready"):
            condition = {"type": kind, "status": ready}
            if failure:
                condition |= {"reason": "RevisionFailed", "message": failure}
            conditions.append(condition)
        served = function.serving.pool.revision
        host = f"{function.name}.{knative_view(function.namespace)}.localhost"
        address = self._address(host)
        if served.h2c_port:
            address = f"http://{host}:{served.h2c_port}"
        return {
            "observedGeneration": function.deployment.generation,
            "conditions": conditions,
            "latestCreatedRevisionName": function.deployment.current.name,
            "latestReadyRevisionName": served.name,
            "url": address,
            "address": {"url": address},
            "traffic": [self._share(share, host) for share in function.shares],
        }

    def _address(self, host: str) -> str:
        return f"http://{host}:{self._port}"

    def _share(self, share: Share, host: str) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "revisionName": share.revision,
            "latestRevision": share.latest,
            "percent": share.percent,
        }
        if share.tag:
            shown |= {"tag": share.tag, "url": self._address(f"{share.tag}-{host}")}
        return shown
