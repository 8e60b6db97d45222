"""Objects of Knative put together from pieces of YAML, and what is said to them."""

from typing import Any

import yaml

from emulators.gateway.errors import GatewayError
from emulators.gateway.http.problems import status_of
from emulators.gateway.specs.validation.verdict import Asked, Directive, Kind, judge

KINDS = {
    "Service": Kind("Service", "services", "serving.knative.dev", "v1"),
    "Broker": Kind("Broker", "brokers", "eventing.knative.dev", "v1"),
    "Trigger": Kind("Trigger", "triggers", "eventing.knative.dev", "v1"),
    "PingSource": Kind("PingSource", "pingsources", "sources.knative.dev", "v1"),
    "Channel": Kind("Channel", "channels", "messaging.knative.dev", "v1"),
    "InMemoryChannel": Kind("InMemoryChannel", "inmemorychannels", "messaging.knative.dev", "v1"),
    "Subscription": Kind("Subscription", "subscriptions", "messaging.knative.dev", "v1"),
    "Sequence": Kind("Sequence", "sequences", "flows.knative.dev", "v1"),
    "ConfigMap": Kind("ConfigMap", "configmaps", "", "v1"),
}


def merged(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Both mappings as one, also within; what is over counts."""
    both = dict(under)
    for key, value in over.items():
        inner = isinstance(value, dict) and isinstance(both.get(key), dict)
        both[key] = merged(both[key], value) if inner else value
    return both


def thing(kind: str, text: str = "", **more: Any) -> dict[str, Any]:
    """An object named `a` with what the YAML says."""
    found = KINDS[kind]
    version = f"{found.group}/{found.version}" if found.group else found.version
    metadata = {"name": "a", "namespace": "default"}
    head: dict[str, Any] = {"apiVersion": version, "kind": kind, "metadata": metadata}
    return merged(merged(head, yaml.safe_load(text) or {}), more)


def service(container: str = "", pod: str = "", **more: Any) -> dict[str, Any]:
    """A Service of one container, with fields of it and of its pod."""
    image = {"image": "registry.example/app:1"}
    spec = {"containers": [image | (yaml.safe_load(container) or {})]}
    spec |= yaml.safe_load(pod) or {}
    return thing("Service", **merged({"spec": {"template": {"spec": spec}}}, more))


def said(
    asked: dict[str, Any],
    directive: Directive = "Strict",
    before: dict[str, Any] | None = None,
    **more: Any,
) -> str:
    """What is said to an object: nothing where it is taken, else the status and the words."""
    try:
        judge(KINDS[asked["kind"]], Asked(asked, before or {}, directive, **more))
    except GatewayError as error:
        return f"{status_of(type(error))} {error.message}"
    return ""


def warned(asked: dict[str, Any], directive: Directive = "Warn", **more: Any) -> list[str]:
    """What the sender of an object that is taken is told."""
    found = judge(KINDS[asked["kind"]], Asked(asked, {}, directive, **more)).warnings
    return [line for line in found if not line.startswith("Kubernetes default value")]
