"""Containers of a revision's pod: Knative's rules first, then those of Kubernetes for the pod."""

from collections.abc import Mapping
from typing import Any

from emulators.gateway.specs.validation import names
from emulators.gateway.specs.validation.causes import Causes
from emulators.gateway.specs.validation.faults import Faults
from emulators.gateway.specs.validation.pod_specs import (
    environment,
    image_names,
    ports,
    probes,
    resources,
    security,
    volumes,
)

_SIDECAR = "queue-proxy"  # Knative's own
_POLICIES = ["Always", "IfNotPresent", "Never"]
_MESSAGES = ("", "File", "FallbackToLogsOnError")


def check(pod: Mapping[str, Any], at: str, faults: Faults) -> None:
    """Note what Knative refuses of a pod."""
    security.check_pod_fields(pod, at, faults)
    volumes.check(pod, at, faults)
    containers = pod.get("containers", [])
    ports.check_number(containers, at, faults)
    if not containers:
        faults.missing(f"{at}.containers")
    seen = set()
    for number, container in enumerate(containers):
        place = f"{at}.containers[{number}]"
        name = container.get("name")
        if name and name in seen:
            faults.add(f'duplicate container name "{name}"', f"{place}.name")
        seen.add(name)
        _check_container(container, pod, place, faults)
    account = pod.get("serviceAccountName")
    if account and (wrong := names.subdomain(account)):
        faults.invalid(account, f"{at}.serviceAccountName", wrong)


def _check_container(
    container: Mapping[str, Any], pod: Mapping[str, Any], at: str, faults: Faults
) -> None:
    containers = pod["containers"]
    serving = len(containers) == 1 or bool(container.get("ports"))
    if serving:
        probes.check(container, at, faults, ports.name_of(containers))
    else:
        probes.check_sidecar(container, at, faults)
    if container.get("name") == _SIDECAR:
        faults.add(f'"{_SIDECAR}" is a reserved container name', f"{at}.name")
    environment.check(container, at, faults, serving=serving)
    _check_image(container.get("image", ""), at, faults)
    ports.check(container.get("ports", []), f"{at}.ports", faults)
    security.check(container.get("securityContext", {}), f"{at}.securityContext", faults)
    policy = container.get("terminationMessagePolicy", "")
    if policy not in _MESSAGES:
        faults.invalid(policy, f"{at}.terminationMessagePolicy")
    volumes.check_mounts(container, pod.get("volumes", []), at, faults)


def _check_image(image: str, at: str, faults: Faults) -> None:
    if not image:
        faults.missing(f"{at}.image")
    elif not image_names.is_one(image):
        why = f'image: "{image}", error: could not parse reference: {image}'
        faults.add("Failed to parse image reference", f"{at}.image", details=why)


def check_pod(pod: Mapping[str, Any], causes: Causes) -> None:
    """Note what Kubernetes refuses of the pod that Knative would make."""
    volumes.check_pod(pod, "spec", causes)
    for number, container in enumerate(pod.get("containers", ())):
        place = f"spec.containers[{number}]"
        name = container.get("name", "")
        if name and (wrong := names.label(name)):
            causes.invalid(f"{place}.name", name, wrong)
        policy = container.get("imagePullPolicy")
        if policy and policy not in _POLICIES:
            causes.unsupported(f"{place}.imagePullPolicy", policy, _POLICIES)
        environment.check_pod(container, place, causes)
        probes.check_pod(container, place, causes)
        resources.check_pod(container.get("resources", {}), f"{place}.resources", causes)
        security.check_pod(container.get("securityContext", {}), f"{place}.securityContext", causes)
