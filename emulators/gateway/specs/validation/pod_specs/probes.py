"""Readiness, liveness and startup probes of a container."""

from collections.abc import Mapping
from typing import Any

from emulators.gateway.specs.validation import names
from emulators.gateway.specs.validation.causes import Causes
from emulators.gateway.specs.validation.faults import BOTH, NEITHER, Faults, under

KINDS = ("livenessProbe", "readinessProbe", "startupProbe")
HANDLERS = ("httpGet", "tcpSocket", "exec", "grpc")
_MOST = 2**31 - 1
_TIMES = (
    "initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold",
    "failureThreshold",
)  # fmt: skip
_LAST_PORT = 65535
_PORTED = ("httpGet", "tcpSocket", "grpc")


def check(container: Mapping[str, Any], at: str, faults: Faults, port_name: str) -> None:
    """Note what Knative refuses of the container that requests go to.

    Args:
        container: With its probes.
        at: Where it stands.
        faults: Takes the notes.
        port_name: Of its port, by which probes may call it.
    """
    for kind in KINDS:
        probe = container.get(kind)
        if probe is None:
            continue
        given = [name for name in HANDLERS if name in probe]
        # A readiness probe without one connects.
        if not given and kind != "readinessProbe":
            faults.add(NEITHER, *under(f"{at}.{kind}", *HANDLERS))
        elif len(given) > 1:
            faults.add(BOTH, *under(f"{at}.{kind}", *given))
        for name in given:
            port = probe[name].get("port")
            if isinstance(port, str) and port and port != port_name:
                why = "Probe port must match container port"
                faults.invalid(port, f"{at}.{kind}.{name}.port", why)
    _check_readiness(container.get("readinessProbe", {}), f"{at}.readinessProbe", faults)


def check_sidecar(container: Mapping[str, Any], at: str, faults: Faults) -> None:
    """Note the probes of a container that no requests go to: it has none."""
    for kind in KINDS:
        for field in container.get(kind, {}):
            faults.disallowed(f"{at}.{kind}.{field}")


def _check_readiness(probe: Mapping[str, Any], at: str, faults: Faults) -> None:
    """Without a period Knative asks as often as it likes, and leaves no room for other times."""
    period = probe.get("periodSeconds", 0)
    for name, low in (("periodSeconds", 0), ("initialDelaySeconds", 0), ("successThreshold", 1)):
        if probe.get(name, low) < low and (name != "successThreshold" or probe[name]):
            faults.outside(probe[name], low, _MOST, f"{at}.{name}")
    for name in ("failureThreshold", "timeoutSeconds"):
        value = probe.get(name, 0)
        if not period and value:
            faults.add(f"{name} is disallowed when periodSeconds is zero", f"{at}.{name}")
        elif period and value < 0:
            faults.outside(value, 1, _MOST, f"{at}.{name}")


def check_pod(container: Mapping[str, Any], at: str, causes: Causes) -> None:
    """Note what Kubernetes refuses of the pod: it asks every probe but most that tell readiness."""
    for kind in KINDS:
        probe = container.get(kind)
        if probe is None or (kind == "readinessProbe" and "exec" not in probe):
            continue
        place = f"{at}.{kind}"
        for name in _TIMES:
            if probe.get(name, 0) < 0:
                causes.invalid(f"{place}.{name}", probe[name], "must be greater than or equal to 0")
        if kind != "readinessProbe" and probe.get("successThreshold", 1) not in {0, 1}:
            causes.invalid(f"{place}.successThreshold", probe["successThreshold"], "must be 1")
        if "exec" in probe and not probe["exec"].get("command"):
            causes.required(f"{place}.exec.command")
        _check_ports(probe, place, ("grpc",) if kind == "livenessProbe" else _PORTED, causes)
        _check_get(probe.get("httpGet", {}), f"{place}.httpGet", causes)


def _check_ports(
    probe: Mapping[str, Any], place: str, handlers: tuple[str, ...], causes: Causes
) -> None:
    """Note ports that cannot be. Knative itself says where liveness is asked over HTTP and TCP."""
    for name in handlers:
        port = probe[name].get("port", 0) if name in probe else 1
        if isinstance(port, int) and not 1 <= port <= _LAST_PORT:
            told = f"must be between 1 and {_LAST_PORT}, inclusive"
            causes.invalid(f"{place}.{name}.port", port, told)


def _check_get(get: Mapping[str, Any], place: str, causes: Causes) -> None:
    if get.get("scheme") and get["scheme"] not in {"HTTP", "HTTPS"}:
        causes.unsupported(f"{place}.scheme", get["scheme"], ["HTTP", "HTTPS"])
    for number, field in enumerate(get.get("httpHeaders", ())):
        if wrong := names.header(field.get("name", "")):
            causes.invalid(f"{place}.httpHeaders[{number}].name", field.get("name", ""), wrong)
