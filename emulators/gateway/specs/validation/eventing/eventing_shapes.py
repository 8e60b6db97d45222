"""The shapes of Knative Eventing's specs, as their custom resource definitions have them."""

from typing import Any

from emulators.gateway.specs.validation.schema import TEXT, Sealed, Texts

_REF = {"apiVersion": TEXT, "kind": TEXT, "name": TEXT, "namespace": TEXT}
DESTINATION: dict[str, Any] = {"ref": _REF, "uri": TEXT, "CACerts": TEXT, "audience": TEXT}
_DELIVERY = Sealed(
    {
        "backoffDelay": TEXT, "backoffPolicy": TEXT, "deadLetterSink": DESTINATION,
        "retry": "int32", "format": TEXT, "timeout": TEXT, "retryAfterMax": TEXT,
    }
)  # fmt: skip
_NESTED: dict[str, Any] = {"cesql": TEXT, **dict.fromkeys(("exact", "prefix", "suffix"), Texts())}
_FILTER = Sealed(_NESTED)  # within others
_NESTED |= {"all": [_FILTER], "any": [_FILTER], "not": _FILTER}
BROKER: dict[str, Any] = {"config": _REF, "delivery": _DELIVERY}
TRIGGER = Sealed(
    {
        "broker": TEXT, "brokerRef": _REF, "delivery": _DELIVERY,
        "filter": {"attributes": Texts()}, "filters": [_NESTED], "subscriber": DESTINATION,
    }
)  # fmt: skip
_TEMPLATE: dict[str, Any] = {"apiVersion": TEXT, "kind": TEXT, "spec": "any"}
IN_MEMORY_CHANNEL: dict[str, Any] = {"delivery": _DELIVERY, "subscribers": "any"}
CHANNEL: dict[str, Any] = IN_MEMORY_CHANNEL | {"channelTemplate": _TEMPLATE}
SUBSCRIPTION: dict[str, Any] = {
    "channel": Sealed(_REF), "subscriber": DESTINATION, "reply": DESTINATION,
    "delivery": _DELIVERY,
}  # fmt: skip
SEQUENCE: dict[str, Any] = {
    "steps": [DESTINATION | {"delivery": _DELIVERY}], "channelTemplate": _TEMPLATE,
    "reply": DESTINATION,
}  # fmt: skip
PING_SOURCE: dict[str, Any] = {
    "ceOverrides": {"extensions": Texts()}, "contentType": TEXT, "data": TEXT,
    "dataBase64": TEXT, "schedule": TEXT, "sink": DESTINATION, "timezone": TEXT,
}  # fmt: skip
