"""Knative Brokers."""

from collections.abc import Mapping
from typing import Any

from emulators.gateway.specs.validation.eventing import deliveries, destinations
from emulators.gateway.specs.validation.faults import Faults

CLASS = "eventing.knative.dev/broker.class"
DEFAULT_CLASS = "MTChannelBasedBroker"


def check(thing: Mapping[str, Any], faults: Faults) -> None:
    """Note what Knative's webhook refuses of a Broker."""
    spec = thing.get("spec", {})
    if thing.get("metadata", {}).get("annotations", {}).get(CLASS) == "":
        faults.missing(CLASS)
    if "config" in spec:
        destinations.check_reference(spec["config"], "spec.config", faults)
    deliveries.check(spec.get("delivery", {}), "spec.delivery", faults)


def check_change(thing: Mapping[str, Any], before: Mapping[str, Any], faults: Faults) -> None:
    """Note what may not change: all but the delivery, and the class."""
    new, old = (one.get("spec", {}).get("config") for one in (thing, before))
    if new != old:
        told = "Immutable fields changed (-old +new)"
        faults.add(told, "spec", details=f"config:\n\t-: {old}\n\t+: {new}")
    fresh, known = class_of(thing), class_of(before)
    if fresh != known:
        told = "Immutable annotations changed (-old +new)"
        faults.add(told, "annotations", details=f'{{string}}:\n\t-: "{known}"\n\t+: "{fresh}"')


def class_of(thing: Mapping[str, Any]) -> str:
    """Return which implementation a Broker asks for."""
    annotations = thing.get("metadata", {}).get("annotations") or {}
    return str(annotations.get(CLASS) or DEFAULT_CLASS)
