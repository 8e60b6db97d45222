"""Ports of containers: one in all, for requests."""

from collections.abc import Mapping, Sequence
from typing import Any

from emulators.gateway.specs.validation.faults import Faults

RESERVED = (8008, 8012, 8013, 8022, 9090, 9091)  # those of Knative's own container
_NAMES = ("", "h2c", "http1")
_LAST = 65535


def check_number(containers: Sequence[Mapping[str, Any]], at: str, faults: Faults) -> None:
    """Note other than one port over all containers."""
    count = sum(len(container.get("ports", ())) for container in containers)
    if count > 1:
        why = "Only a single port is allowed across all containers"
        faults.add("more than one container port is set", f"{at}.containers[*].ports", details=why)
    elif not count and len(containers) > 1:
        faults.missing(f"{at}.containers[*].ports")


def check(ports: Sequence[Mapping[str, Any]], at: str, faults: Faults) -> None:
    """Note what Knative refuses of a container's port."""
    if not ports:
        return
    port = ports[0]
    number, protocol, name = (port.get(k, "") for k in ("containerPort", "protocol", "name"))
    if number in RESERVED:
        told = f"{number} is a reserved port"
        faults.invalid(told, f"{at}.containerPort", f"{told}, please use a different value")
    elif not 0 <= (number or 0) <= _LAST:
        faults.outside(number, 0, _LAST, f"{at}.containerPort")
    if protocol not in {"", "TCP"}:
        faults.invalid(protocol, f"{at}.protocol")
    if name not in _NAMES:
        why = "Name must be empty, or one of: 'h2c', 'http1'"
        faults.add(f"Port name {name} is not allowed", at, details=why)


def name_of(containers: Sequence[Mapping[str, Any]]) -> str:
    """Return the name by which probes may call the port."""
    given = [port.get("name") for container in containers for port in container.get("ports", ())]
    return next((name for name in given if name), "http")
