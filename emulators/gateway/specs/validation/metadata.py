"""What Kubernetes itself asks of an object's ``metadata``."""

from collections.abc import Callable, Mapping
from typing import Any

from emulators.gateway.specs.validation import names
from emulators.gateway.specs.validation.causes import Causes

_ANNOTATIONS = 256 << 10  # bytes of all keys and values


def check(metadata: Mapping[str, Any], causes: Causes, name: Callable[[str], str]) -> None:
    """Note what is wrong with an object's metadata.

    Args:
        metadata: As sent, with the name of the address.
        causes: Takes the notes.
        name: The rule for names of the kind.
    """
    given = metadata.get("name", "")
    if wrong := name(given):
        causes.invalid("metadata.name", given, wrong)
    for key, value in (metadata.get("labels") or {}).items():
        if wrong := names.qualified(key):
            causes.invalid("metadata.labels", key, wrong)
        if wrong := names.label_value(value):
            causes.invalid("metadata.labels", value, wrong)
    annotations = metadata.get("annotations") or {}
    for key in annotations:
        if wrong := names.qualified(key.lower()):
            causes.invalid("metadata.annotations", key, wrong)
    if sum(len(k.encode()) + len(v.encode()) for k, v in annotations.items()) > _ANNOTATIONS:
        causes.too_long("metadata.annotations", _ANNOTATIONS)
    for finalizer in metadata.get("finalizers") or ():
        if wrong := names.qualified(finalizer):
            causes.invalid("metadata.finalizers", finalizer, wrong)
