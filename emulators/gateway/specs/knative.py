"""Knative Serving ``Service`` objects, read into deployments."""

from collections.abc import Mapping
from typing import Any

import msgspec

from emulators.gateway.errors import UNREADABLE, Invalid
from emulators.gateway.model.revision import (
    MAX_CONCURRENCY,
    MAX_TIMEOUT,
    Deployment,
    EnvSource,
    GivenUp,
    Revision,
)
from emulators.gateway.specs.annotations import PREFIX as SCALING
from emulators.gateway.specs.annotations import scaling_from
from emulators.gateway.specs.checks import ANNOTATION as CHECK
from emulators.gateway.specs.checks import check_from
from emulators.gateway.specs.knative_objects import (
    API_VERSION,
    DEFAULT_TIMEOUT,
    Container,
    Port,
    Service,
    Template,
    TemplateSpec,
    ValueFrom,
)
from emulators.gateway.specs.names import canonical, checked, checked_key, checked_secret
from emulators.gateway.specs.probes import probes_from
from emulators.gateway.specs.retries import retry_from
from emulators.gateway.specs.traffic import rollout_from, targets_from
from emulators.gateway.specs.volumes import mounts_from, volumes_from
from emulators.gateway.specs.watchdog import fprocess_from

RESERVED_ENV = ("PORT", "K_SERVICE", "K_CONFIGURATION", "K_REVISION")
REFUSED_PORTS = (8012, 8013, 8022, 9090, 9091)
_PORT_NAMES = ("", "http1", "h2c")
_VISIBILITY = ("networking.knative.dev/visibility", "cluster-local")


def parse(body: bytes, namespace: str, now: float) -> Deployment:
    """Read a Service into a deployment with its first revision.

    Args:
        body: The object as JSON.
        namespace: The namespace of the address it was sent to.
        now: Unix time.

    Raises:
        Invalid: Naming the field that is wrong.
    """
    try:
        manifest = msgspec.json.decode(body, type=dict[str, Any])
        service = msgspec.convert(manifest, Service)
    except UNREADABLE as error:
        raise Invalid(
            f"the Service cannot be read: {error}", "compare with infra/knative/"
        ) from error
    if service.kind != "Service" or service.api_version != API_VERSION:
        raise Invalid(
            f"{service.api_version} {service.kind} is not a Service", f"send {API_VERSION}"
        )
    name = checked(service.metadata.name, "metadata.name")
    space = checked(canonical(service.metadata.namespace or namespace), "metadata.namespace")
    revision = _revision(service, name, space, now)
    traffic = targets_from(service.spec.traffic)
    return Deployment(
        name,
        space,
        "knative",
        manifest,
        1,
        [revision],
        now,
        traffic=traffic,
        rollout_duration=rollout_from(service.metadata.annotations),
        cluster_local=_VISIBILITY in service.metadata.labels.items(),
    )


def _revision(service: Service, name: str, namespace: str, now: float) -> Revision:
    template = service.spec.template
    spec = template.spec
    container = _container(spec)
    annotations = {**_shared(service.metadata.annotations), **template.metadata.annotations}
    concurrency = _bounded(spec.container_concurrency, "containerConcurrency", MAX_CONCURRENCY)
    timeout = _bounded(spec.timeout_seconds, "timeoutSeconds", MAX_TIMEOUT) or DEFAULT_TIMEOUT
    port = container.ports[0] if container.ports else Port()
    volumes = volumes_from(spec)
    return Revision(
        function=name,
        namespace=namespace,
        number=1,
        image=container.image,
        given_name=_given_name(template, name),
        command=_command(container),
        fprocess=() if container.command else fprocess_from(_plain_env(container)),
        working_dir=container.working_dir,
        env=_plain_env(container),
        env_order=_env_order(container),
        env_sources=_env_sources(container),
        volumes=volumes,
        mounts=mounts_from(container, volumes),
        given_up=_given_up(container),
        concurrency=concurrency,
        timeout=float(timeout),
        start_timeout=float(_start_timeout(spec, timeout)),
        idle_timeout=float(min(max(spec.idle_timeout_seconds, 0), timeout)),
        probes=probes_from(container),
        port=port.container_port,
        h2c_port=port.container_port if port.name == "h2c" else 0,
        scaling=scaling_from(annotations),
        retry=retry_from(annotations),
        check=check_from(annotations),
        labels=template.metadata.labels,
        annotations=annotations,
        created_at=now,
    )


def _given_up(container: Container) -> GivenUp:
    context = container.security_context
    if context is None:
        return GivenUp()
    dropped = {name.upper() for name in context.capabilities.drop}
    return GivenUp(not context.allow_privilege_escalation, "ALL" in dropped)


def _shared(annotations: Mapping[str, str]) -> dict[str, str]:
    """Return the Service's annotations that concern its revisions: others make no new one."""
    return {k: v for k, v in annotations.items() if k.startswith(("com.openfaas.", SCALING, CHECK))}


def _given_name(template: Template, service: str) -> str:
    name = template.metadata.name
    if name and not checked(name, "spec.template.metadata.name").startswith(f"{service}-"):
        raise Invalid(
            f"spec.template.metadata.name: {name!r} does not belong to {service!r}",
            f"begin it with {service}-",
        )
    return name


def _bounded(value: int, field: str, limit: int) -> int:
    if not 0 <= value <= limit:
        raise Invalid(f"{field}: {value} is out of range", f"give 0 to {limit}")
    return value


def _start_timeout(spec: TemplateSpec, timeout: int) -> int:
    """Return the time by which an answer must begin; nought is no limit of its own."""
    given = spec.response_start_timeout_seconds
    if given is None:
        return min(DEFAULT_TIMEOUT, timeout)
    return min(max(given, 0), timeout) or timeout


def _container(spec: TemplateSpec) -> Container:
    if len(spec.containers) != 1:
        raise Invalid(
            f"containers: {len(spec.containers)} given", "a local function has exactly one"
        )
    container = spec.containers[0]
    _check_ports(container.ports)
    for variable in container.env:
        if variable.name in RESERVED_ENV:
            raise Invalid(
                f"env: {variable.name} is set by the platform", "leave it out of the Service"
            )
    return container


def _command(container: Container) -> tuple[str, ...]:
    """Return what runs; arguments alone would be read by the image's own entry point."""
    return (*container.command, *container.args) if container.command else ()


def _check_ports(ports: list[Port]) -> None:
    if len(ports) > 1:
        raise Invalid(f"ports: {len(ports)} given", "a container listens on one")
    for port in ports:
        if port.container_port in REFUSED_PORTS:
            raise Invalid(
                f"containerPort: {port.container_port} is reserved", "take another, e.g. 8080"
            )
        _bounded(port.container_port, "containerPort", 65535)
        if port.name not in _PORT_NAMES:
            raise Invalid(f"ports: the name {port.name!r}", "use http1 or h2c, or none")


def _plain_env(container: Container) -> dict[str, str]:
    return {v.name: v.value or "" for v in container.env if v.value_from is None}


def _env_order(container: Container) -> tuple[str, ...]:
    """Return the names as declared, or none where no value holds what could be a reference."""
    refers = any("$" in (variable.value or "") for variable in container.env)
    return tuple(variable.name for variable in container.env) if refers else ()


def _env_sources(container: Container) -> tuple[EnvSource, ...]:
    sources = []
    for entry in container.env_from:
        if entry.config_map_ref:
            ref = entry.config_map_ref
            sources.append(
                EnvSource("configmap", ref.name, prefix=entry.prefix, optional=ref.optional)
            )
        if entry.secret_ref:
            ref = entry.secret_ref
            sources.append(
                EnvSource("secret", ref.name, prefix=entry.prefix, optional=ref.optional)
            )
    sources += [_key_source(v.name, v.value_from) for v in container.env if v.value_from]
    for source in sources:
        checked_secret(source.name, f"env source ({source.kind})")
        if source.key is not None:
            checked_key(source.key, f"env: key of {source.kind} {source.name!r}")
    return tuple(sources)


def _key_source(variable: str, value: ValueFrom) -> EnvSource:
    if value.secret_key_ref:
        ref = value.secret_key_ref
        return EnvSource("secret", ref.name, ref.key, variable, optional=ref.optional)
    if value.config_map_key_ref:
        ref = value.config_map_key_ref
        return EnvSource("configmap", ref.name, ref.key, variable, optional=ref.optional)
    raise Invalid(f"env: {variable} has a valueFrom of an unknown kind", "use secretKeyRef")
