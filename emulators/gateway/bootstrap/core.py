"""What runs functions: runtime, fleet, autoscaler, plane, and who watches over replicas."""

import functools
import os
import time
from dataclasses import dataclass

import structlog

from emulators.gateway.http import probes
from emulators.gateway.metrics import Metrics
from emulators.gateway.runtimes.forking.process import ProcessRuntime
from emulators.gateway.runtimes.static import StaticRuntime
from emulators.gateway.service.configuration.environment import Environment
from emulators.gateway.service.deployments.plane import Plane
from emulators.gateway.service.deployments.readiness import Readiness
from emulators.gateway.service.deployments.scaler import Scaler
from emulators.gateway.service.deployments.store import DeploymentStore
from emulators.gateway.service.replicas.availability import Availability
from emulators.gateway.service.replicas.deaths import Deaths
from emulators.gateway.service.replicas.events import FleetEvents
from emulators.gateway.service.replicas.fleet import Fleet
from emulators.gateway.service.replicas.gate import Gate
from emulators.gateway.service.replicas.liveness import Watcher
from emulators.gateway.service.replicas.overtime import Overtime
from emulators.gateway.service.replicas.pool import RevisionPool
from emulators.gateway.service.runtime import Instance, Runtime
from emulators.gateway.settings import Settings

log = structlog.get_logger()


@dataclass(frozen=True)
class Core:
    """The parts that run functions."""

    metrics: Metrics
    runtime: Runtime
    environment: Environment
    events: FleetEvents
    deaths: Deaths
    fleet: Fleet
    overtime: Overtime
    watcher: Watcher
    availability: Availability
    scaler: Scaler
    plane: Plane
    readiness: Readiness


def build_core(settings: Settings) -> Core:
    """Put together what runs functions."""
    metrics, events, readiness = Metrics(), FleetEvents(), Readiness(time.time())
    events.started.subscribe(functools.partial(_report, metrics))
    events.started.subscribe(lambda pool, _seconds, _: readiness.started(pool.revision))
    runtime = runtime_for(settings)
    environment = Environment(settings.data, os.environ)
    deaths = Deaths(runtime.log_of, metrics.died)
    gate = Gate(probes.ask, settings.start_limit)
    fleet = Fleet(runtime, environment, gate.passed, settings.stop_grace, deaths, events)
    overtime = Overtime(fleet, settings.overtime_grace)
    watcher = Watcher(fleet, settings.liveness, probes.ask, overtime.look)
    availability = Availability(events, probes.ask)
    scaler = Scaler(fleet, settings.zero_grace)
    store = DeploymentStore(settings.data / "functions")
    plane = Plane(runtime, fleet, scaler, store, settings.max_replicas, settings.edition)
    return Core(
        metrics, runtime, environment, events, deaths, fleet, overtime, watcher, availability,
        scaler, plane, readiness,
    )  # fmt: skip


def runtime_for(settings: Settings) -> Runtime:
    """Return one for fixed addresses where some are given, else for local processes."""
    if settings.static_functions:
        return StaticRuntime(
            settings.static_functions, settings.start_limit, settings.static_annotations
        )
    return ProcessRuntime(
        settings.root,
        settings.data,
        settings.preload,
        settings.rehearsal,
        settings.replica_threads,
        settings.start_limit,
        settings.spares,
        hidden=settings.hidden,
        warm_parents=settings.warm_parents,
    )


def _report(metrics: Metrics, pool: RevisionPool, seconds: float, instance: Instance) -> None:
    """Count and log the start of a replica, with the seconds of its parts."""
    label = f"{pool.revision.function}.{pool.revision.namespace}"
    metrics.cold_start(label, seconds)
    for part in ("fork", "app"):
        if part in instance.timings:
            metrics.cold_part(label, part, instance.timings[part])
    parts = {part: round(value * 1000, 1) for part, value in instance.timings.items()}
    log.info("replica is ready", replica=instance.id, ms=round(seconds * 1000, 1), parts=parts)
