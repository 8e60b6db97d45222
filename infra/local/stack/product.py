"""Mayfly's own functions, deployed as the platform has it."""

from typing import Any

from infra.local.deploying import manifests, openfaas_stack
from infra.local.deploying.gateway import Gateway
from infra.local.settings import ROOT, Port, Settings
from infra.local.stack.parts import function_env

OPENFAAS = ROOT / "infra" / "openfaas"
STACKS = {"pro": OPENFAAS / "stack.yaml", "ce": OPENFAAS / "stack.ce.yaml"}


def objects(settings: Settings) -> list[dict[str, Any]]:
    """Return what is applied by the Kubernetes API; nothing where that is not Knative's."""
    if not settings.platform.has_knative:
        return []
    found = manifests.load(manifests.KNATIVE)
    for service in manifests.services(found):
        _listen_at(service, settings.grpc)
    return found


def _listen_at(service: dict[str, Any], port: Port) -> None:
    """Let a service that speaks gRPC have the gateway listen at a port of this stack's."""
    [container] = service["spec"]["template"]["spec"]["containers"]
    for one in container["ports"]:
        if one["name"] == manifests.GRPC:
            one["containerPort"] = port.number


def requests(settings: Settings) -> list[dict[str, Any]]:
    """Return what OpenFaaS alone is asked to deploy; nothing where there is Knative."""
    if settings.platform.has_knative:
        return []
    found = openfaas_stack.requests(STACKS[settings.platform.edition])
    for request in found:
        request["envVars"] |= function_env(settings)
    return found


def names(settings: Settings) -> list[str]:
    """Return the functions' names."""
    services = manifests.services(objects(settings))
    return [service["metadata"]["name"] for service in services] + [
        request["service"] for request in requests(settings)
    ]


def deploy(gateway: Gateway, settings: Settings) -> None:
    """Deploy all of them.

    Raises:
        LocalError: the gateway refuses one.
    """
    for item in objects(settings):
        gateway.deploy(item)
    for request in requests(settings):
        gateway.deploy_function(request)
