"""Probes of a container, read into the model."""

import re
from urllib.parse import quote

from emulators.gateway.errors import Invalid
from emulators.gateway.model.probes import Probe, Probes
from emulators.gateway.specs.knative_objects import Container, Header, HttpGet, Port, ProbeSpec

_LONGEST = 3600  # seconds, and times
_HIGHEST_PORT = 65535
_KEPT = "/:=&?~+!$,;'@()*[]%"  # of a path, which may have a query
_FIELD = re.compile(r"[-!#$%&'*+.^_`|~0-9A-Za-z]+")
_UNSPEAKABLE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def probes_from(container: Container) -> Probes:
    """Read what a container declares.

    Knative connects to a container that declares no readiness probe; a replica is started only
    when it accepts connections, so that here none is left.

    Raises:
        Invalid: Naming the field that is wrong.
    """
    port = container.ports[0] if container.ports else Port()
    ready = _probe("readinessProbe", container.readiness_probe, port, period=0.0)
    return Probes(
        startup=_probe("startupProbe", container.startup_probe, port),
        readiness=None if ready and ready.form == "process" else ready,
        liveness=_probe("livenessProbe", container.liveness_probe, port),
    )


def _probe(kind: str, spec: ProbeSpec | None, port: Port, period: float = 10.0) -> Probe | None:
    """Read one probe.

    Args:
        kind: The field that it stands in.
        spec: As written.
        port: The container's own.
        period: What is usual where none is said.
    """
    if spec is None:
        return None
    _check_range(kind, spec)
    usual = Probe()
    form = _form(kind, spec, port)
    return Probe(
        form=form.form,
        path=form.path,
        port=form.port,
        headers=form.headers,
        tls=form.tls,
        delay=spec.initial_delay_seconds,
        period=spec.period_seconds or period,
        timeout=spec.timeout_seconds or usual.timeout,
        failures=spec.failure_threshold or usual.failures,
        successes=spec.success_threshold or usual.successes,
    )


def _form(kind: str, spec: ProbeSpec, port: Port) -> Probe:
    """Return what is asked: a command runs in no process here, so that the process itself is."""
    if spec.http_get is not None:
        return _http(f"{kind}.httpGet", spec.http_get, port)
    connect = spec.tcp_socket or spec.grpc
    if connect is None:
        return Probe("process")
    return Probe("tcp", port=_port(f"{kind}.port", connect.port, port))


def _http(kind: str, spec: HttpGet, port: Port) -> Probe:
    if spec.scheme.upper() not in {"", "HTTP", "HTTPS"}:
        raise Invalid(f"{kind}.scheme: {spec.scheme!r} is unknown", "use HTTP or HTTPS")
    path = quote(spec.path or "/", safe=_KEPT)
    return Probe(
        path=path if path.startswith("/") else f"/{path}",
        port=_port(f"{kind}.port", spec.port, port),
        headers=tuple(_header(kind, header) for header in spec.http_headers),
        tls=spec.scheme.upper() == "HTTPS",
    )


def _header(kind: str, header: Header) -> tuple[str, str]:
    if not _FIELD.fullmatch(header.name) or _UNSPEAKABLE.search(header.value):
        raise Invalid(
            f"{kind}.httpHeaders: {header.name!r} cannot be sent", "use a field's name, and text"
        )
    return header.name, header.value


def _port(field: str, given: int | str, own: Port) -> int:
    """Return the port to ask; 0 where it is the container's own, by number or by name."""
    if isinstance(given, str):
        if given and given in {own.name, "user-port"}:
            return 0
        if given and not given.isdecimal():
            raise Invalid(f"{field}: the container has no port named {given!r}", "give its number")
        given = int(given or 0)
    if not 0 <= given <= _HIGHEST_PORT:
        raise Invalid(f"{field}: {given} is out of range", f"give 0 to {_HIGHEST_PORT}")
    return 0 if given == own.container_port else given


def _check_range(kind: str, spec: ProbeSpec) -> None:
    """Refuse times and counts that mean nothing; nought stands for what is usual."""
    for field, value in (
        ("initialDelaySeconds", spec.initial_delay_seconds),
        ("periodSeconds", spec.period_seconds),
        ("timeoutSeconds", spec.timeout_seconds),
        ("failureThreshold", spec.failure_threshold),
        ("successThreshold", spec.success_threshold),
    ):
        if value and not 1 <= value <= _LONGEST:
            raise Invalid(f"{kind}.{field}: {value:g} is out of range", f"give 1 to {_LONGEST}")
