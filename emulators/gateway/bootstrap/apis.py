"""The gateway's own routes."""

import asyncio
import contextlib
import time
from pathlib import Path
from typing import TYPE_CHECKING

from emulators.gateway.apis.admin import Admin
from emulators.gateway.apis.async_calls.async_status import AsyncStatusApi
from emulators.gateway.apis.async_calls.caller_check import CallerCheck
from emulators.gateway.apis.knative.eventing_objects import KINDS, EventingObjects
from emulators.gateway.apis.knative.eventing_status import View
from emulators.gateway.apis.knative.events import Events
from emulators.gateway.apis.knative.ingress import Ingress
from emulators.gateway.apis.knative.parts import configurations, routes
from emulators.gateway.apis.knative.pods import Pods
from emulators.gateway.apis.knative.revisions import Revisions
from emulators.gateway.apis.knative.services import Services
from emulators.gateway.apis.kubernetes.api import KubernetesApi
from emulators.gateway.apis.kubernetes.core import ConfigMaps, Namespaces, Secrets
from emulators.gateway.apis.kubernetes.definitions import Definitions
from emulators.gateway.apis.kubernetes.older import Older
from emulators.gateway.apis.kubernetes.resource_versions import ResourceVersions
from emulators.gateway.apis.kubernetes.resources import DEFINITION_V1BETA1, PING_SOURCE_V1BETA2
from emulators.gateway.apis.observing.replicas import ReplicasApi
from emulators.gateway.apis.observing.telling import TellingApi
from emulators.gateway.apis.openfaas.functions import OpenFaasApi
from emulators.gateway.apis.openfaas.logs import LogsApi
from emulators.gateway.apis.openfaas.pages import PagesApi
from emulators.gateway.apis.openfaas.secrets import NamespacesApi, SecretsApi
from emulators.gateway.bootstrap.core import Core
from emulators.gateway.bootstrap.traffic import Traffic
from emulators.gateway.errors import GatewayError
from emulators.gateway.exposition import Exposition
from emulators.gateway.http.buffered import Answer, Incoming
from emulators.gateway.metrics import Metrics
from emulators.gateway.minutes import Minutes
from emulators.gateway.queue.jetstream import JetStreamQueue
from emulators.gateway.queue.streams import EVENTS
from emulators.gateway.queue.subjects import EVENT_SUBJECT
from emulators.gateway.service.configuration.configs import ConfigStore
from emulators.gateway.service.configuration.namespaces import NamespaceStore
from emulators.gateway.service.configuration.secrets import SecretStore
from emulators.gateway.service.searching import Logs
from emulators.gateway.settings import Settings
from emulators.gateway.specs.eventing import PingSource
from emulators.kit.exposition import TYPE

if TYPE_CHECKING:
    from emulators.gateway.apis.kubernetes.collection import Changeable

_SCRAPE_PATIENCE = 1.0


def own_routes(settings: Settings, core: Core, traffic: Traffic, minutes: Minutes) -> Admin:
    """Return every route of the gateway's port that leads to no function."""
    admin = Admin(settings.user, settings.password)
    sync, plane = traffic.listeners.sync, core.plane
    OpenFaasApi(plane, core.fleet, sync, settings.edition).register(admin)
    PagesApi(settings.pages).register(admin)
    LogsApi(plane).register(admin)
    TellingApi(_logs(settings, core), minutes).register(admin)
    secrets = SecretStore(settings.data)
    SecretsApi(secrets, core.environment.renew).register(admin)
    namespaces = NamespaceStore(settings.data / "namespaces")
    NamespacesApi(namespaces, plane).register(admin)
    check = CallerCheck(traffic.calls, plane)
    status = AsyncStatusApi(traffic.queue, traffic.running, traffic.vault, check, admin.knows)
    status.register(admin)
    Ingress(traffic.eventing, traffic.calls.spans).register(admin)
    pods = Pods(plane)
    core.events.started.subscribe(lambda _, _seconds, instance: pods.started(instance.id))
    pods.register(admin)
    _kubernetes(settings, core, traffic, namespaces, pods).register(admin)
    return admin


def _logs(settings: Settings, core: Core) -> Logs:
    """Return all logs that there are."""
    plane = core.plane

    def functions() -> dict[str, Path]:
        files = [log.path for f in list(plane.functions.values()) if (log := plane.log_of(f))]
        return {path.stem: path for path in files}

    return Logs(functions, settings.data / "logs", settings.part_logs)


def _kubernetes(
    settings: Settings, core: Core, traffic: Traffic, namespaces: NamespaceStore, pods: Pods
) -> KubernetesApi:
    plane, port, data = core.plane, settings.port, settings.data
    eventing, refresh = traffic.eventing, traffic.subscriptions.refresh
    services = Services(plane, port, traffic.listeners, core.readiness)
    view, renew = View(eventing, plane, port), core.environment.renew_files
    served: list[Changeable] = [
        services,
        configurations(services),
        routes(services),
        Revisions(plane, core.readiness),
        *(EventingObjects(kind, eventing, view, refresh) for kind in KINDS),
        Older(EventingObjects(PingSource, eventing, view, refresh), PING_SOURCE_V1BETA2),
        ConfigMaps(ConfigStore(data, "configmaps"), renew),
        Secrets(ConfigStore(data, "secrets"), renew),
        Namespaces(namespaces, plane),
        pods,
        Events(plane, services, core.deaths),
    ]
    definitions = Definitions([each.resource for each in served], time.time())
    return KubernetesApi(
        [*served, definitions, Older(definitions, DEFINITION_V1BETA1)],
        ResourceVersions(time.time_ns() // 1_000_000),  # grows over restarts, too
        zero_scale=settings.zero_scale,
    )


def metrics_routes(core: Core, queue: JetStreamQueue) -> Admin:
    """Return the routes of the metrics port."""
    exposition = Exposition(core.metrics, core.plane.functions.values(), core.plane.log_of)

    async def metrics(_: Incoming) -> Answer:
        await _measure_queue(core.metrics, queue)
        return Answer(200, exposition.text(), TYPE)

    admin = Admin("", "")
    admin.add("GET", "/metrics", metrics)
    ReplicasApi(core.plane).register(admin)
    return admin


async def _measure_queue(metrics: Metrics, queue: JetStreamQueue) -> None:
    """Ask the queue's server what waits; while it is away the last figures stay."""
    with contextlib.suppress(GatewayError, TimeoutError):
        async with asyncio.timeout(_SCRAPE_PATIENCE):
            calls = await queue.depths()
            events = await queue.waiting(EVENTS, EVENT_SUBJECT)
            metrics.queued(
                {f"{name}.{namespace}": count for (namespace, name), count in calls.items()},
                {subject.removeprefix(f"{EVENT_SUBJECT}."): n for subject, n in events.items()},
            )
