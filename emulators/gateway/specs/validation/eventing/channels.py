"""Knative Channels and InMemoryChannels."""

from collections.abc import Mapping
from typing import Any

from emulators.gateway.specs.validation.eventing import deliveries
from emulators.gateway.specs.validation.faults import Faults

_TEMPLATE = {"apiVersion": "messaging.knative.dev/v1", "kind": "InMemoryChannel"}
_SUBSCRIBABLE = "messaging.knative.dev/subscribable"
_SCOPE = "eventing.knative.dev/scope"


def fill_in_template(thing: dict[str, Any]) -> None:
    """Say of which kind the channels are that an object has made, where it does not."""
    spec = thing.setdefault("spec", {})
    spec.setdefault("channelTemplate", dict(_TEMPLATE))


def fill_in(thing: dict[str, Any]) -> None:
    """Give a Channel what its webhook gives it."""
    fill_in_template(thing)
    fill_in_version(thing)


def fill_in_version(thing: dict[str, Any]) -> None:
    """Say how subscribers are written into a channel."""
    annotations = thing["metadata"].setdefault("annotations", {})
    annotations.setdefault(_SUBSCRIBABLE, "v1")


def check(thing: Mapping[str, Any], faults: Faults) -> None:
    """Note what Knative's webhook refuses of a Channel."""
    spec = thing.get("spec", {})
    check_template(spec, faults)
    if spec.get("subscribers"):
        faults.disallowed("spec.subscribable.subscribers")
    deliveries.check(spec.get("delivery", {}), "spec.delivery", faults)


def check_in_memory(thing: Mapping[str, Any], faults: Faults) -> None:
    """Note what Knative's webhook refuses of an InMemoryChannel, which others than itself make."""
    scope = thing.get("metadata", {}).get("annotations", {}).get(_SCOPE)
    if scope not in (None, "namespace", "cluster"):
        place = f"metadata.annotations[{_SCOPE}]"
        faults.invalid(scope, place, details="expected either 'cluster' or 'namespace'")
    deliveries.check(thing.get("spec", {}).get("delivery", {}), "spec.delivery", faults)


def check_change(thing: Mapping[str, Any], before: Mapping[str, Any], faults: Faults) -> None:
    """Note what may not change of a Channel: all of it."""
    check_fixed(thing, before, ("channelTemplate", "delivery"), faults)


def check_template(spec: Mapping[str, Any], faults: Faults) -> None:
    """Note what is missing of a kind of channels."""
    for name in ("kind", "apiVersion"):
        if not spec.get("channelTemplate", {}).get(name):
            faults.missing(f"spec.channelTemplate.{name}")


def check_fixed(
    thing: Mapping[str, Any], before: Mapping[str, Any], fields: tuple[str, ...], faults: Faults
) -> None:
    """Note fields of a spec that changed and may not."""
    new, old = (one.get("spec", {}) for one in (thing, before))
    changed = [name for name in fields if new.get(name) != old.get(name)]
    if changed:
        told = "\n".join(f"{n}:\n\t-: {old.get(n)}\n\t+: {new.get(n)}" for n in changed)
        faults.add("Immutable fields changed (-old +new)", "spec", details=told)
