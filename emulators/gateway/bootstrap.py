"""The composition root: every part, put together from settings."""

import asyncio
import contextlib
import os
import signal
import time

import msgspec
import structlog

from emulators.gateway.apis.async_calls.async_status import AsyncStatusApi
from emulators.gateway.apis.async_calls.callbacks import Callbacks, OwnAddress
from emulators.gateway.apis.async_calls.queued import AsyncCalls
from emulators.gateway.apis.knative.eventing_objects import KINDS, EventingObjects, View
from emulators.gateway.apis.knative.ingress import EventDelivery, Ingress
from emulators.gateway.apis.knative.parts import configurations, routes
from emulators.gateway.apis.knative.revisions import Revisions
from emulators.gateway.apis.knative.services import Services
from emulators.gateway.apis.kubernetes.api import KubernetesApi
from emulators.gateway.apis.kubernetes.core import ConfigMaps, Namespaces, Secrets
from emulators.gateway.apis.kubernetes.events import Events
from emulators.gateway.apis.kubernetes.kubeconfig import kubeconfig
from emulators.gateway.apis.kubernetes.ledger import Ledger
from emulators.gateway.apis.kubernetes.pods import Pods
from emulators.gateway.apis.openfaas.admin import Admin
from emulators.gateway.apis.openfaas.functions import OpenFaasApi
from emulators.gateway.apis.openfaas.logs import LogsApi
from emulators.gateway.apis.openfaas.secrets import NamespacesApi, SecretsApi
from emulators.gateway.disk import write_atomically
from emulators.gateway.errors import GatewayError
from emulators.gateway.eventing.broker import Eventing
from emulators.gateway.eventing.pings import Pings
from emulators.gateway.eventing.store import EventingStore
from emulators.gateway.eventing.worker import Lanes
from emulators.gateway.http import client
from emulators.gateway.http.access_log import AccessLog
from emulators.gateway.http.buffered import Answer, Incoming
from emulators.gateway.http.connection import ClientConnection
from emulators.gateway.http.front import Front, Handler
from emulators.gateway.http.guarded_client import Outward, SystemResolver
from emulators.gateway.metrics import Metrics
from emulators.gateway.model.routing import Router
from emulators.gateway.open_files import raise_open_files
from emulators.gateway.proxy.h2c import Listeners
from emulators.gateway.queue.jetstream import EVENT_SUBJECT, EVENTS, JetStreamQueue
from emulators.gateway.queue.vault import Vault, load_key
from emulators.gateway.queue.worker import QueueWorker
from emulators.gateway.runtimes.base import Instance, Runtime
from emulators.gateway.runtimes.forking.process import ProcessRuntime
from emulators.gateway.runtimes.static import StaticRuntime
from emulators.gateway.service.configs import ConfigStore
from emulators.gateway.service.deaths import Deaths
from emulators.gateway.service.environment import Environment
from emulators.gateway.service.fleet import Fleet
from emulators.gateway.service.liveness import Watcher
from emulators.gateway.service.namespaces import NamespaceStore
from emulators.gateway.service.overtime import Overtime
from emulators.gateway.service.plane import Plane
from emulators.gateway.service.pool import RevisionPool
from emulators.gateway.service.readiness import Readiness
from emulators.gateway.service.scaler import Scaler
from emulators.gateway.service.secrets import SecretStore
from emulators.gateway.service.stalls import Stalls
from emulators.gateway.service.store import DeploymentStore
from emulators.gateway.settings import Settings
from emulators.kit.door import Door

log = structlog.get_logger()

ROLLOUT_TICK = 0.5  # seconds
_SCRAPE_PATIENCE = 1.0
_BACKLOG = 4096  # connections that came at once and are still to be accepted


class Gateway:
    """All parts of one gateway.

    Args:
        settings: What is set.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._metrics = Metrics()
        self._runtime = runtime_for(settings)
        self._environment = Environment(settings.data, os.environ)
        self._deaths = Deaths(self._runtime.log_of, self._metrics.died)
        fleet = Fleet(
            self._runtime, self._environment, self._probe, settings.stop_grace, self._started,
            self._deaths,
        )  # fmt: skip
        self._fleet = fleet
        overtime = Overtime(fleet, settings.overtime_grace)
        self._stalls = Stalls()
        self._watcher = Watcher(fleet, settings.liveness, client.lives, overtime.look)
        fleet.on_replica = self._watcher.watch
        self._scaler = Scaler(fleet, settings.zero_grace)
        store = DeploymentStore(settings.data / "functions")
        self._plane = Plane(
            self._runtime, fleet, self._scaler, store, settings.max_replicas, settings.edition
        )
        self._pods = Pods(self._plane)
        self._readiness = Readiness(time.time())
        access = AccessLog(settings.data / "logs" / "access.log" if settings.access_log else None)
        self._door = Door(settings.allowed_hosts, settings.allowed_origins, settings.host)
        limit = settings.start_limit
        self._front = Front(self._plane, self._metrics, limit, access, Router(self._door))
        self._front.overran = overtime.begin
        if settings.otlp_endpoint:
            from emulators.gateway.spans import Spans  # noqa: PLC0415 (90 ms of imports: only where wanted)

            self._front.spans = Spans()
        self._listeners = Listeners(self._front, settings.host)
        self._vault = Vault(load_key(settings.data / "queue-key"))
        callbacks = Callbacks(
            self._front, Outward(settings.outward, SystemResolver()),
            OwnAddress(settings.host, settings.port),
        )  # fmt: skip
        self._calls = AsyncCalls(self._front, self._vault, callbacks)
        self._queue = JetStreamQueue(
            settings.nats_url, settings.ack_wait, self._calls.resume, settings.nats_token
        )
        self._eventing = Eventing(
            EventingStore(settings.data / "eventing"), self._queue, self._metrics.event
        )
        delivery = EventDelivery(self._eventing, self._calls, Outward(None, SystemResolver()))
        self._lanes = Lanes(self._queue, self._eventing, delivery.deliver, delivery.capacity)
        self._tasks: list[asyncio.Task[None]] = []
        self._servers: list[asyncio.Server] = []

    async def open(self) -> None:
        """Brings everything up; when it returns the ports answer."""
        self._metrics.watch(self._plane.functions.values())
        self._front.admin = self._routes()
        self._front.enqueue = self._calls.accept
        self._calls.connect(self._queue, QueueWorker)
        self._environment.clear()
        await self._runtime.open()
        raise_open_files()  # only now, for what the runtime starts keeps the limit that it finds
        self._plane.restore()
        self._eventing.restore()
        self._lanes.refresh()
        self._queue.open()
        loop = asyncio.get_running_loop()
        metrics = self._metrics_front()
        self._tasks = [
            loop.create_task(self._front.sweep()),
            loop.create_task(metrics.sweep()),
            loop.create_task(self._scaler.run(self._plane.functions)),
            loop.create_task(self._roll_out()),
            loop.create_task(Pings(self._eventing).run()),
        ]
        await self._listeners.sync()
        await self._listen(self._settings.port, self._front)
        await self._listen(self._settings.metrics_port, metrics)

    async def close(self) -> None:
        """Finishes what is in flight, then ends every replica."""
        limit = self._settings.stop_grace
        self._listeners.close()
        # The ports stay open meanwhile: what is in flight may call other functions through them.
        await asyncio.gather(
            self._front.shut(limit), self._calls.stop(limit), self._lanes.stop(limit)
        )
        for server in self._servers:
            server.close()
        for task in self._tasks:
            task.cancel()
        await self._queue.close()
        self._watcher.close()
        self._plane.withdraw_all()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit):
                await self._fleet.settle()
        await self._runtime.close()
        if self._front.spans is not None:
            await self._front.spans.close()

    async def _roll_out(self) -> None:
        while True:
            await asyncio.sleep(ROLLOUT_TICK)
            self._plane.advance()
            self._stalls.look(list(self._plane.functions.values()), time.monotonic())

    def _routes(self) -> Handler:
        admin = Admin(self._settings.user, self._settings.password)
        changed = self._listeners.sync
        OpenFaasApi(self._plane, self._fleet, changed, self._settings.edition).register(admin)
        LogsApi(self._plane).register(admin)
        secrets = SecretStore(self._settings.data)
        SecretsApi(secrets, self._environment.renew).register(admin)
        namespaces = NamespaceStore(self._settings.data / "namespaces")
        NamespacesApi(namespaces, self._plane).register(admin)
        AsyncStatusApi(self._queue, self._calls, self._vault, admin.knows).register(admin)
        Ingress(self._eventing).register(admin)
        self._pods.register(admin)
        self._kubernetes(namespaces).register(admin)
        return admin.handle

    def _kubernetes(self, namespaces: NamespaceStore) -> KubernetesApi:
        plane, port, data = self._plane, self._settings.port, self._settings.data
        readiness = self._readiness
        services = Services(plane, port, self._listeners, readiness)
        view = View(self._eventing, plane, port)
        return KubernetesApi(
            [
                services, configurations(services), routes(services), Revisions(plane, readiness),
                *(EventingObjects(k, self._eventing, view, self._lanes.refresh) for k in KINDS),
                ConfigMaps(ConfigStore(data, "configmaps")),
                Secrets(ConfigStore(data, "secrets")),
                Namespaces(namespaces, plane), self._pods, Events(plane, services, self._deaths),
            ],
            Ledger(time.time_ns() // 1_000_000),  # grows over restarts, too
        )  # fmt: skip

    def _metrics_front(self) -> Front:
        limit = self._settings.start_limit
        router = Router(self._door, functions=False)  # they are called at the other port
        front = Front(self._plane, self._metrics, limit, AccessLog(None), router)
        admin = Admin("", "")

        async def metrics(_: Incoming) -> Answer:
            await self._measure_queue()
            return Answer(200, self._metrics.text(), "text/plain; version=0.0.4; charset=utf-8")

        admin.add("GET", "/metrics", metrics)
        front.admin = admin.handle
        return front

    async def _measure_queue(self) -> None:
        """Asks the queue's server what waits; while it is away the last figures stay."""
        with contextlib.suppress(GatewayError, TimeoutError):
            async with asyncio.timeout(_SCRAPE_PATIENCE):
                calls = await self._queue.depths()
                lanes = await self._queue.waiting(EVENTS, EVENT_SUBJECT)
                self._metrics.depths(
                    {f"{name}.{namespace}": count for (namespace, name), count in calls.items()},
                    {subject.removeprefix(f"{EVENT_SUBJECT}."): n for subject, n in lanes.items()},
                )

    async def _listen(self, port: int, front: Front) -> None:
        loop = asyncio.get_running_loop()
        try:
            server = await loop.create_server(
                lambda: ClientConnection(front, front.exchange),
                self._settings.host,
                port,
                backlog=_BACKLOG,
            )
        except OSError as error:
            raise SystemExit(
                f"port {port} on {self._settings.host} cannot be opened ({error.strerror}): set "
                "MAYFLY_GATEWAY_PORT or MAYFLY_GATEWAY_METRICS_PORT to another"
            ) from error
        self._servers.append(server)

    async def _probe(self, pool: RevisionPool, instance: Instance) -> None:
        if pool.revision.probe is not None:
            await client.wait_ready(pool, instance.address, self._settings.start_limit)

    def _started(self, pool: RevisionPool, seconds: float, instance: Instance) -> None:
        revision = pool.revision
        self._pods.started(instance.id)
        self._readiness.started(revision)
        label = f"{revision.function}.{revision.namespace}"
        self._metrics.cold_start(label, seconds)
        for part in ("fork", "app"):
            if part in instance.timings:
                self._metrics.cold_part(label, part, instance.timings[part])
        parts = {part: round(value * 1000, 1) for part, value in instance.timings.items()}
        log.info("replica is ready", replica=instance.id, ms=round(seconds * 1000, 1), parts=parts)


def runtime_for(settings: Settings) -> Runtime:
    """Fixed addresses where some are given, else local processes."""
    if settings.static_functions:
        return StaticRuntime(
            settings.static_functions, settings.start_limit, settings.static_annotations
        )
    return ProcessRuntime(
        settings.root, settings.data, settings.preload, settings.replica_threads,
        settings.start_limit, settings.spares, settings.hidden,
    )  # fmt: skip


async def serve(settings: Settings) -> None:
    """Runs until SIGTERM or SIGINT, then finishes and returns."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    gateway = Gateway(settings)
    await gateway.open()
    config = kubeconfig(settings.host, settings.port, settings.user, settings.password)
    write_atomically(settings.data / "kubeconfig", msgspec.json.format(msgspec.json.encode(config)))
    log.info("gateway is up", host=settings.host, port=settings.port, data=str(settings.data))
    await stop.wait()
    log.info("gateway stops")
    await gateway.close()
