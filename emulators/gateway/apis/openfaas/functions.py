"""OpenFaaS's REST API."""

import functools
import hashlib
import platform
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec

from emulators.gateway.apis.admin import Admin
from emulators.gateway.http.bodies import decode, namespace_of, reply
from emulators.gateway.http.buffered import Answer, Incoming
from emulators.gateway.model.moments import timestamp
from emulators.gateway.service.deployments.functions import Function
from emulators.gateway.service.deployments.plane import Plane
from emulators.gateway.service.deployments.usage import UsageMeter
from emulators.gateway.service.replicas.fleet import Fleet
from emulators.gateway.specs import openfaas
from emulators.gateway.specs.edition import Edition, replicas_by_hand

Changed = Callable[[], Awaitable[None]]
RELEASE = "0.2.0"
_CODE = Path(__file__).resolve().parents[2]


class DeleteRequest(msgspec.Struct):
    """The body of ``DELETE /system/functions``."""

    functionName: str  # noqa: N815 - the protocol's own word
    namespace: str = ""


class ScaleRequest(msgspec.Struct):
    """The body of ``POST /system/scale-function/{name}``."""

    replicas: int
    serviceName: str = ""  # noqa: N815 - the protocol's own word
    namespace: str = ""


class Alert(msgspec.Struct):
    """One alert of Alertmanager's."""

    status: str
    labels: dict[str, str]


class Alerts(msgspec.Struct):
    """The body of ``POST /system/alert``."""

    alerts: list[Alert]


class OpenFaasApi:
    """Routes under ``/system`` and ``/healthz``.

    Args:
        plane: The functions.
        fleet: Knows the replicas that are on their way.
        changed: Called when functions came, went or changed.
        edition: Whose rules hold for functions deployed through OpenFaaS.
    """

    def __init__(
        self, plane: Plane, fleet: Fleet, changed: Changed, edition: Edition = "pro"
    ) -> None:
        self._plane = plane
        self._fleet = fleet
        self._changed = changed
        self._edition: Edition = edition
        self._usage = UsageMeter()

    def register(self, admin: Admin) -> None:
        """Add its routes."""
        admin.add("GET", "/healthz", self.health)
        admin.add("GET", "/system/info", self.info)
        admin.add("GET", "/system/functions", self.list)
        admin.add("POST", "/system/functions", self.create)
        admin.add("PUT", "/system/functions", self.update)
        admin.add("DELETE", "/system/functions", self.remove)
        admin.add("GET", "/system/function/{name}", self.describe)
        admin.add("POST", "/system/scale-function/{name}", self.scale)
        admin.add("POST", "/system/alert", self.alert)

    async def health(self, _: Incoming) -> Answer:
        """Say that the gateway is there."""
        return Answer(200, b"OK", "text/plain")

    async def info(self, _: Incoming) -> Answer:
        """Return what this gateway is."""
        version = {"sha": _sha(), "release": RELEASE}
        return reply(
            200,
            {
                "provider": {
                    "provider": "mayfly",
                    "version": version,
                    "orchestration": "processes",
                },
                "version": version,
                "arch": {"aarch64": "arm64"}.get(platform.machine(), platform.machine()),
            },
        )

    async def list(self, incoming: Incoming) -> Answer:
        """Return the status of every function of a namespace."""
        functions = self._plane.listed(namespace_of(incoming))
        self._usage.keep(self._plane.functions.values())
        return reply(200, [self._status(function) for function in functions])

    async def describe(self, incoming: Incoming, name: str) -> Answer:
        """Return the status of one function."""
        return reply(200, self._status(self._plane.get(namespace_of(incoming), name)))

    def _status(self, function: Function) -> dict[str, Any]:
        pools = [scaled.pool for scaled in (*function.pools(), function.next) if scaled]
        wanted = sum(len(pool.replicas) + self._fleet.state(pool).starting for pool in pools)
        usage = self._usage.of(function)
        warmth = self._plane.warmth(function)
        return (
            status_of(function, wanted)
            | ({} if usage is None else {"usage": usage})
            | ({"warmParent": warmth} if warmth else {})
        )

    async def create(self, incoming: Incoming) -> Answer:
        """Deploy; an existing function is changed."""
        await self._plane.deploy(openfaas.parse(incoming.body, time.time()))
        await self._changed()
        return Answer(202)

    async def update(self, incoming: Incoming) -> Answer:
        """Change a function that is there (faas-cli creates it after a 404)."""
        wanted = openfaas.parse(incoming.body, time.time())
        self._plane.get(wanted.namespace, wanted.name)
        await self._plane.deploy(wanted)
        await self._changed()
        return Answer(202)

    async def remove(self, incoming: Incoming) -> Answer:
        """Remove a function."""
        request = decode(incoming.body, DeleteRequest)
        await self._plane.remove(namespace_of(incoming, request.namespace), request.functionName)
        await self._changed()
        return Answer(202)

    async def alert(self, incoming: Incoming) -> Answer:
        """Scale the functions that Alertmanager names."""
        for alert in decode(incoming.body, Alerts).alerts:
            function = self._plane.lookup(alert.labels.get("function_name", ""))
            self._plane.scale_by_alert(
                function, "firing" if alert.status == "firing" else "resolved"
            )
        return Answer(202)

    async def scale(self, incoming: Incoming, name: str) -> Answer:
        """Set the number of replicas."""
        request = decode(incoming.body, ScaleRequest)
        namespace = namespace_of(incoming, request.namespace)
        replicas, deployment = request.replicas, self._plane.get(namespace, name).deployment
        if deployment.origin == "openfaas":
            replicas = replicas_by_hand(self._edition, replicas)
        self._plane.scale(namespace, name, replicas)
        return Answer(202)


@functools.cache
def _sha() -> str:
    """Return what stands for the commit: a digest of the code that runs."""
    digest = hashlib.sha1(usedforsecurity=False)
    for file in sorted(_CODE.rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def status_of(function: Function, wanted: int) -> dict[str, Any]:
    """Return a function's status as OpenFaaS clients read it.

    Args:
        function: Which.
        wanted: Replicas that there are to be: those that answer, and those on their way.
    """
    revision = function.deployment.current
    service = function.deployment.origin == "knative"
    manifest = {} if service else function.deployment.manifest
    labels = function.deployment.manifest.get("metadata", {}).get("labels", {}) if service else {}
    status: dict[str, Any] = {
        "name": function.name,
        "namespace": function.namespace,
        "image": revision.image,
        "envVars": revision.env,
        "labels": labels | revision.labels,
        "annotations": revision.annotations,
        "secrets": list(revision.secrets),
        "invocationCount": function.invocations,
        "replicas": wanted,
        "availableReplicas": function.replicas,
        "createdAt": timestamp(function.deployment.created_at),
    }
    kept = ("envProcess", "constraints", "limits", "requests", "readOnlyRootFilesystem")
    return status | {key: manifest[key] for key in kept if manifest.get(key)}
