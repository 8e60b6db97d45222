"""What OpenFaaS's Community Edition refuses, and what its queue does not do.

Its source: openfaas/faas-netes (pkg/handlers/validate.go) and openfaas/nats-queue-worker.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from emulators.gateway.errors import Invalid
from emulators.gateway.model.revision import Deployment
from emulators.gateway.specs.names import DEFAULT_NAMESPACE

Edition = Literal["ce", "pro"]
MOST_FUNCTIONS = 15
MOST_REPLICAS = 5
_SCALE = "com.openfaas.scale."
_PRO_LABELS = ("zero-duration", "target", "type")
_CAPPED_LABELS = ("min", "max")
_CLOUDS = ("amazonaws.com", "gke.io")


class QueueRules(msgspec.Struct, frozen=True):
    """What the queue of asynchronous calls does.

    Attributes:
        retries: Whether a call that failed is tried again.
        at_once: Most calls that are worked on, of all functions together; None: no bound.
        largest_body: Most bytes of body; None: what the queue's server takes.
    """

    retries: bool = True
    at_once: int | None = None
    largest_body: int | None = None


_QUEUES: Mapping[Edition, QueueRules] = {
    "pro": QueueRules(),
    "ce": QueueRules(retries=False, at_once=1, largest_body=256_000),
}


def queue_rules(edition: Edition) -> QueueRules:
    """Return what an edition's queue does, whichever way a function was deployed."""
    return _QUEUES[edition]


def too_large_for_ce(size: int, limit: int) -> str:
    """Return what the gateway answers, with 500, to a body that is too large for its queue."""
    return (
        f"Error queuing request: request body too large for OpenFaaS CE ({size} bytes), "
        f"maximum: {limit} bytes\n"
    )


def check_deploy(edition: Edition, wanted: Deployment, deployed: Iterable[Deployment]) -> None:
    """Refuse what an edition does not take; Knative Services are none of OpenFaaS's business.

    Args:
        edition: ``ce`` or ``pro``.
        wanted: What is to be deployed.
        deployed: What is deployed already.

    Raises:
        Invalid: Naming the label, or the limit.
    """
    if edition == "pro" or wanted.origin != "openfaas":
        return
    _check_kubernetes(wanted)
    refused = _refused(wanted.current.labels)
    if refused:
        raise Invalid(
            f"the label {refused} needs OpenFaaS Pro",
            "leave it out, or run the gateway with GATEWAY_EDITION=pro",
        )
    name = (wanted.namespace, wanted.name)
    high = _too_high(wanted.current.labels)
    if high:
        raise Invalid(
            f"the label {high} is set too high for the Community Edition",
            f"give {MOST_REPLICAS} at most, or run the gateway with GATEWAY_EDITION=pro",
        )
    others = [d for d in deployed if d.origin == "openfaas" and (d.namespace, d.name) != name]
    if len(others) >= MOST_FUNCTIONS:
        raise Invalid(
            f"the Community Edition has {MOST_FUNCTIONS} functions at most",
            "remove one, or run the gateway with GATEWAY_EDITION=pro",
        )


def _check_kubernetes(wanted: Deployment) -> None:
    """Refuse what the provider on Kubernetes takes in no other edition's name."""
    if wanted.namespace != DEFAULT_NAMESPACE:
        raise Invalid(
            f"namespace must be: {DEFAULT_NAMESPACE}",
            "leave it out, or run the gateway with GATEWAY_EDITION=pro",
        )
    annotations = wanted.current.annotations
    clouds = [key for key in annotations if any(name in key for name in _CLOUDS)]
    if clouds or "," in annotations.get("topic", ""):
        raise Invalid(
            f"the annotation {clouds[0] if clouds else 'topic with several values'} is not "
            "supported in the Community Edition",
            "leave it out, or run the gateway with GATEWAY_EDITION=pro",
        )


def most_replicas(edition: Edition, limit: int) -> int:
    """Return the most replicas that a function deployed through OpenFaaS may have."""
    return min(limit, MOST_REPLICAS) if edition == "ce" else limit


def replicas_by_hand(edition: Edition, wanted: int) -> int:
    """Return what becomes of a number that is set by hand.

    Raises:
        Invalid: For none, which needs OpenFaaS Pro.
    """
    if edition == "pro":
        return wanted
    if wanted == 0:
        raise Invalid(
            "replicas cannot be set to 0 in the Community Edition",
            "remove the function, or run the gateway with GATEWAY_EDITION=pro",
        )
    return min(wanted, MOST_REPLICAS)


def _refused(labels: Mapping[str, str]) -> str:
    if labels.get(f"{_SCALE}zero", "false").lower() == "true":
        return f"{_SCALE}zero=true"
    return next((f"{_SCALE}{name}" for name in _PRO_LABELS if f"{_SCALE}{name}" in labels), "")


def _too_high(labels: Mapping[str, str]) -> str:
    found = ((f"{_SCALE}{name}", labels.get(f"{_SCALE}{name}", "")) for name in _CAPPED_LABELS)
    return next((k for k, v in found if v.isdecimal() and int(v) > MOST_REPLICAS), "")
