"""Knative Services."""

from collections.abc import Mapping
from typing import Any

from emulators.gateway.specs.validation import names, quantities
from emulators.gateway.specs.validation.causes import Causes
from emulators.gateway.specs.validation.faults import Faults
from emulators.gateway.specs.validation.pod_specs import pods
from emulators.gateway.specs.validation.serving import go_durations, scaling, traffic

_GROUP = "serving.knative.dev"
_ROLLOUT = (f"{_GROUP}/rollout-duration", f"{_GROUP}/rolloutDuration")
_DEADLINE = f"{_GROUP}/progress-deadline"
_CREATOR = f"{_GROUP}/creator"
_MOST = {"timeoutSeconds": 600, "containerConcurrency": 1000}
_TEMPLATE = "spec.template"
_NETWORKING = "networking.knative.dev"
# What a template may say of networking.
_KNOWN = tuple(
    f"{_NETWORKING}/{name}"
    for name in (
        "ingress-class", "certificate-class", "disable-auto-tls", "disable-external-domain-tls",
        "httpOption", "http-protocol", "ingress.class", "certificate.class", "disableAutoTLS",
    )
)  # fmt: skip
_SIDECAR = f"queue.sidecar.{_GROUP}/"
_SIDECAR_AMOUNTS = tuple(
    f"{_SIDECAR}{kind}-resource-{part}"
    for kind in ("cpu", "memory", "ephemeral-storage")
    for part in ("request", "limit")
)


def check(thing: Mapping[str, Any], faults: Faults) -> None:
    """Note what Knative's webhook refuses of a Service, as read by its shape."""
    metadata, spec = thing.get("metadata", {}), thing.get("spec", {})
    _check_name(metadata, "metadata", faults)
    annotations, at = metadata.get("annotations", {}), "metadata.annotations"
    scaling.check_absent(annotations, at, faults)
    key = next((key for key in _ROLLOUT if key in annotations), "")
    _check_seconds(annotations, key, "rollout-duration", at, faults)
    template = spec.get("template", {})
    revision = template.get("spec", {})
    pods.check(revision, f"{_TEMPLATE}.spec", faults)
    for name, most in _MOST.items():
        if not 0 <= revision.get(name, 0) <= most:
            faults.outside(revision[name], 0, most, f"{_TEMPLATE}.spec.{name}")
    _check_template(template.get("metadata", {}), metadata, faults)
    traffic.check(spec.get("traffic", []), "spec.traffic", faults)


def check_first_scale(thing: Mapping[str, Any], faults: Faults) -> None:
    """Note a template whose revisions would begin with no replica, where none may."""
    template = thing.get("spec", {}).get("template", {})
    annotations = template.get("metadata", {}).get("annotations", {})
    scaling.check_first(annotations, f"{_TEMPLATE}.metadata.annotations", faults)


def check_pod(thing: Mapping[str, Any], causes: Causes) -> None:
    """Note what Kubernetes refuses of the pod that a Service leads to."""
    pods.check_pod(thing.get("spec", {}).get("template", {}).get("spec", {}), causes)


def check_change(thing: Mapping[str, Any], before: Mapping[str, Any], faults: Faults) -> None:
    """Note what may not change: a template that keeps its own name, and who made the Service."""
    new, old = (one.get("spec", {}).get("template", {}) for one in (thing, before))
    name = new.get("metadata", {}).get("name")
    if name and name == old.get("metadata", {}).get("name") and new != old:
        told = "Saw the following changes without a name change (-old +new)"
        faults.add(told, f"{_TEMPLATE}.metadata.name", details=_changes(old, new, ""))
    makers = [
        one.get("metadata", {}).get("annotations", {}).get(_CREATOR) for one in (thing, before)
    ]
    if all(makers) and makers[0] != makers[1]:
        faults.add("annotation value is immutable", f"metadata.annotations.{_CREATOR}")


def _changes(old: Any, new: Any, place: str) -> str:
    """Return which fields differ, a line each."""
    if isinstance(old, dict) and isinstance(new, dict):
        keys = [key for key in sorted({*old, *new}) if old.get(key) != new.get(key)]
        return "\n".join(
            _changes(old.get(k), new.get(k), f"{place}.{k}" if place else k) for k in keys
        )
    return f"{place}:\n\t-: {old}\n\t+: {new}"


def _check_name(metadata: Mapping[str, Any], at: str, faults: Faults) -> None:
    name, prefix = metadata.get("name", ""), metadata.get("generateName", "")
    if prefix and (wrong := names.old_label(prefix, prefix=True)):
        faults.add(f"not a DNS 1035 label prefix: [{wrong}]", f"{at}.generateName")
    elif name and (wrong := names.old_label(name)):
        faults.add(f"not a DNS 1035 label: [{wrong}]", f"{at}.name")


def _check_template(
    metadata: Mapping[str, Any], service: Mapping[str, Any], faults: Faults
) -> None:
    at = f"{_TEMPLATE}.metadata"
    annotations, place = metadata.get("annotations", {}), f"{at}.annotations"
    scaling.check(annotations, place, faults)
    for key in annotations:
        if key.startswith(_NETWORKING) and key not in _KNOWN:
            faults.bad_key(key, place)
    for key in _SIDECAR_AMOUNTS:
        if key in annotations and quantities.parse(annotations[key]) is None:
            faults.invalid(annotations[key], f"{place}[{key}]")
    _check_share(annotations, place, faults)
    _check_seconds(annotations, _DEADLINE, "progress-deadline", place, faults)
    _check_own_name(metadata, service, at, faults)


def _check_own_name(
    metadata: Mapping[str, Any], service: Mapping[str, Any], at: str, faults: Faults
) -> None:
    name, prefix = metadata.get("name", ""), metadata.get("generateName", "")
    if prefix and (wrong := names.old_label(prefix, prefix=True)):
        faults.invalid(
            f"not a DNS 1035 label prefix: [{wrong}]", f"{_TEMPLATE}.metadata.generateName"
        )
    elif name and (wrong := names.old_label(name)):
        faults.invalid(f"not a DNS 1035 label: [{wrong}]", f"{at}.name")
    elif name and not service.get("name") and service.get("generateName"):
        faults.disallowed(f"{at}.name")
    elif name and not name.startswith(f"{service.get('name', '')}-"):
        told = f'"{name}" must have prefix "{service.get("name", "")}-"'
        faults.invalid(told, f"{at}.name")


def _check_share(annotations: Mapping[str, str], place: str, faults: Faults) -> None:
    for name in ("resource-percentage", "resourcePercentage"):
        text = annotations.get(_SIDECAR + name)
        if text is None:
            continue
        try:
            value = float(text)
        except ValueError:
            faults.invalid(text, f"{place}[{_SIDECAR}{name}]")
        else:
            if not 0.1 <= value <= 100:
                faults.outside(value, 0.1, 100, f"{place}[{_SIDECAR}{name}]")
        return


def _check_seconds(
    annotations: Mapping[str, str], key: str, said: str, at: str, faults: Faults
) -> None:
    text = annotations.get(key, "")
    if not text:
        return
    length = go_durations.parse(text)
    if length is None:
        faults.invalid(text, f"{at}.{key}")
    elif length.denominator != 1:
        faults.add(f"{said}={text} is not at second precision", f"{at}.{key}")
    elif length < 0:
        faults.add(f"{said}={text} must be positive", f"{at}.{key}")
