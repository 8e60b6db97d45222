"""What all kinds have, and the shape of each kind that is checked."""

from typing import Any

from emulators.gateway.specs.validation.eventing.eventing_shapes import (
    BROKER,
    CHANNEL,
    IN_MEMORY_CHANNEL,
    PING_SOURCE,
    SEQUENCE,
    SUBSCRIPTION,
    TRIGGER,
)
from emulators.gateway.specs.validation.schema import TEXT, Texts
from emulators.gateway.specs.validation.serving.serving_shapes import SERVICE

METADATA: dict[str, Any] = {
    "name": TEXT, "generateName": TEXT, "namespace": TEXT, "labels": Texts(),
    "annotations": Texts(), "finalizers": [TEXT], "ownerReferences": "any",
    "uid": TEXT, "resourceVersion": TEXT, "generation": "int64", "selfLink": TEXT,
    "creationTimestamp": "any", "deletionTimestamp": "any",
    "deletionGracePeriodSeconds": "int64", "managedFields": "any",
}  # fmt: skip
_HEAD: dict[str, Any] = {"apiVersion": TEXT, "kind": TEXT, "metadata": METADATA}

# By kind's qualified name (`services.serving.knative.dev`).
SHAPES: dict[str, dict[str, Any]] = {
    "services.serving.knative.dev": _HEAD | {"spec": SERVICE, "status": "any"},
    "brokers.eventing.knative.dev": _HEAD | {"spec": BROKER, "status": "any"},
    "triggers.eventing.knative.dev": _HEAD | {"spec": TRIGGER, "status": "any"},
    "pingsources.sources.knative.dev": _HEAD | {"spec": PING_SOURCE, "status": "any"},
    "channels.messaging.knative.dev": _HEAD | {"spec": CHANNEL, "status": "any"},
    "inmemorychannels.messaging.knative.dev": (
        _HEAD | {"spec": IN_MEMORY_CHANNEL, "status": "any"}
    ),
    "subscriptions.messaging.knative.dev": _HEAD | {"spec": SUBSCRIPTION, "status": "any"},
    "sequences.flows.knative.dev": _HEAD | {"spec": SEQUENCE, "status": "any"},
    "configmaps": _HEAD | {"data": Texts(), "binaryData": Texts(), "immutable": "bool"},
    "secrets": _HEAD | {"data": Texts(), "stringData": Texts(), "immutable": "bool", "type": TEXT},
    "namespaces": _HEAD | {"spec": "any", "status": "any"},
}
