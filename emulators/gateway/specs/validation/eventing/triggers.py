"""Knative Triggers."""

import json
from collections.abc import Mapping
from typing import Any

from emulators.gateway.specs.validation.eventing import deliveries, destinations, filters
from emulators.gateway.specs.validation.faults import BOTH, Faults, under

_DEPENDENCY = "knative.dev/dependency"
_INJECTION = "eventing.knative.dev/injection"


def check(thing: Mapping[str, Any], faults: Faults) -> None:
    """Note what Knative's webhook refuses of a Trigger."""
    spec = thing.get("spec", {})
    reference = spec.get("brokerRef")
    if reference is None and not spec.get("broker"):
        faults.missing("spec.broker")
    elif reference is not None and spec.get("broker"):
        faults.add(BOTH, *under("spec", "broker", "brokerRef"))
    if (reference or {}).get("namespace"):
        why = (
            "only name, apiVersion and kind are supported fields when "
            "feature.CrossNamespaceEventLinks is disabled"
        )
        faults.disallowed("spec.namespace", details=why)
    attributes = spec.get("filter", {}).get("attributes", {})
    filters.check_names(attributes, "spec.filter.attributes", faults)
    filters.check_all(spec.get("filters", []), "spec.filters", faults)
    destinations.check(spec.get("subscriber", {}), "spec.subscriber", faults)
    deliveries.check(spec.get("delivery", {}), "spec.delivery", faults)
    _check_annotations(thing, faults)


def check_change(thing: Mapping[str, Any], before: Mapping[str, Any], faults: Faults) -> None:
    """Note what may not change: the broker."""
    new, old = (one.get("spec", {}).get("broker", "") for one in (thing, before))
    if new != old:
        told = "Immutable fields changed (-old +new)"
        faults.add(told, "spec", "broker", details=f'{{string}}:\n\t-: "{old}"\n\t+: "{new}"')


def _check_annotations(thing: Mapping[str, Any], faults: Faults) -> None:
    metadata = thing.get("metadata", {})
    annotations = metadata.get("annotations", {})
    injection, broker = annotations.get(_INJECTION), thing.get("spec", {}).get("broker", "")
    place = f"metadata.annotations[{_INJECTION}]"
    if injection is not None and injection not in {"enabled", "disabled"}:
        known = '"enabled" or "disabled"'
        told = f'The provided injection annotation value can only be {known}, not "{injection}"'
        faults.add(told, place)
    elif injection is not None and broker != "default":
        told = (
            "The provided injection annotation is only used for default broker, but non-default "
            f'broker specified here: "{broker}"'
        )
        faults.add(told, place)
    if _DEPENDENCY in annotations:
        _check_dependency(annotations[_DEPENDENCY], metadata.get("namespace", ""), faults)


def _check_dependency(text: str, namespace: str, faults: Faults) -> None:
    place = f"metadata.annotations[{_DEPENDENCY}]"
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        told = f'The provided annotation was not a corev1.ObjectReference: "{text}"'
        faults.add(told, place)
        return
    if found.get("namespace", namespace) not in {"", namespace}:
        told = f'Namespace must be empty or equal to the trigger namespace "{namespace}"'
        faults.add(told, f"{place}.namespace")
    for name in ("kind", "name", "apiVersion"):
        if not found.get(name):
            faults.missing(f"{place}.{name}")
