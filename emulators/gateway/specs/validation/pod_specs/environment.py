"""A container's ``env`` and ``envFrom``."""

from collections.abc import Mapping, Sequence
from typing import Any

from emulators.gateway.specs.validation import names
from emulators.gateway.specs.validation.causes import Causes
from emulators.gateway.specs.validation.faults import BOTH, NEITHER, Faults, under

_RESERVED = ("K_SERVICE", "K_CONFIGURATION", "K_REVISION")
_PORT = "PORT"
_FORBIDDEN = ("fieldRef", "resourceFieldRef")
_REFS = ("configMapRef", "secretRef")
_KEY_REFS = ("configMapKeyRef", "secretKeyRef")


def check(container: Mapping[str, Any], at: str, faults: Faults, *, serving: bool) -> None:
    """Note what Knative refuses.

    Args:
        container: With its variables.
        at: Where it stands.
        faults: Takes the notes.
        serving: Whether it is the container that requests go to.
    """
    reserved = (*_RESERVED, _PORT) if serving else _RESERVED
    for number, variable in enumerate(container.get("env", ())):
        place, name = f"{at}.env[{number}]", variable.get("name", "")
        if not name:
            faults.missing(f"{place}.name")
        elif name in reserved:
            faults.add(f'"{name}" is a reserved environment variable', f"{place}.name")
        source = variable.get("valueFrom", {})
        for field in _FORBIDDEN:
            if field in source:
                faults.disallowed(f"{place}.valueFrom.{field}")
    for entry in container.get("envFrom", ()):
        given = [field for field in _REFS if field in entry]
        if len(given) != 1:
            faults.add(BOTH if given else NEITHER, *under(f"{at}.envFrom", *_REFS))


def check_pod(container: Mapping[str, Any], at: str, causes: Causes) -> None:
    """Note what Kubernetes refuses of the pod."""
    for number, variable in enumerate(container.get("env", ())):
        place = f"{at}.env[{number}]"
        if wrong := names.variable(variable.get("name", "")):
            causes.invalid(f"{place}.name", variable.get("name", ""), wrong)
        if "valueFrom" in variable:
            _check_source(variable, f"{place}.valueFrom", causes)
    for number, entry in enumerate(container.get("envFrom", ())):
        place, prefix = f"{at}.envFrom[{number}]", entry.get("prefix")
        if prefix and (wrong := names.variable(prefix)):
            causes.invalid(f"{place}.prefix", prefix, wrong)
        _require_names(entry, _REFS, place, causes)


def _check_source(variable: Mapping[str, Any], place: str, causes: Causes) -> None:
    source = variable["valueFrom"]
    given = [field for field in _KEY_REFS if field in source]
    if variable.get("value"):
        causes.invalid(place, "", "may not be specified when `value` is not empty")
    elif not given:
        causes.invalid(place, "", "must specify one of: `configMapKeyRef` or `secretKeyRef`")
    elif len(given) > 1:
        causes.invalid(place, "", "may not have more than one field specified at a time")
    _require_names(source, _KEY_REFS, place, causes)
    for field in given:
        key = source[field].get("key", "")
        if not key:
            causes.required(f"{place}.{field}.key")
        elif wrong := names.config_key(key):
            causes.invalid(f"{place}.{field}.key", key, wrong)


def _require_names(
    holder: Mapping[str, Any], fields: Sequence[str], place: str, causes: Causes
) -> None:
    for field in fields:
        if field in holder and not holder[field].get("name"):
            causes.required(f"{place}.{field}.name")
