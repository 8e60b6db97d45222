"""The shape of a Knative Service's ``spec``, as its custom resource definition has it."""

from typing import Any

from emulators.gateway.specs.validation.schema import TEXT, Kept, Keyed, Texts

_REF = {"name": TEXT, "optional": "bool"}
_KEY_REF = _REF | {"key": TEXT}
_ITEMS = [{"key": TEXT, "mode": "int32", "path": TEXT}]
_ENV = Keyed(
    "name",
    {
        "name": TEXT,
        "value": TEXT,
        "valueFrom": {
            "configMapKeyRef": _KEY_REF,
            "secretKeyRef": _KEY_REF,
            "fieldRef": "any",
            "resourceFieldRef": "any",
        },
    },
)
_PROBE: dict[str, Any] = {
    "exec": {"command": [TEXT]},
    "grpc": {"port": "int32", "service": TEXT},
    "httpGet": {
        "host": TEXT, "path": TEXT, "port": "port", "scheme": TEXT,
        "httpHeaders": [{"name": TEXT, "value": TEXT}],
    },
    "tcpSocket": {"host": TEXT, "port": "port"},
    **dict.fromkeys(
        ("failureThreshold", "initialDelaySeconds", "periodSeconds", "successThreshold",
         "timeoutSeconds"), "int32",
    ),
}  # fmt: skip
_SECURITY = {
    "allowPrivilegeEscalation": "bool", "privileged": "bool", "readOnlyRootFilesystem": "bool",
    "runAsGroup": "int64", "runAsNonRoot": "bool", "runAsUser": "int64",
    "capabilities": {"add": [TEXT], "drop": [TEXT]},
    "seccompProfile": {"localhostProfile": TEXT, "type": TEXT},
}  # fmt: skip
_MOUNT = {
    "mountPath": TEXT, "mountPropagation": TEXT, "name": TEXT, "readOnly": "bool",
    "subPath": TEXT,
}  # fmt: skip
_CONTAINER = {
    "args": [TEXT], "command": [TEXT], "env": _ENV, "image": TEXT, "imagePullPolicy": TEXT,
    "envFrom": [{"configMapRef": _REF, "secretRef": _REF, "prefix": TEXT}], "name": TEXT,
    "livenessProbe": _PROBE, "readinessProbe": _PROBE, "startupProbe": _PROBE,
    "ports": [{"containerPort": "int32", "name": TEXT, "protocol": TEXT}],
    "resources": {"limits": Texts("quantity"), "requests": Texts("quantity")},
    "securityContext": _SECURITY, "terminationMessagePath": TEXT,
    "terminationMessagePolicy": TEXT, "volumeMounts": Keyed("mountPath", _MOUNT),
    "workingDir": TEXT,
}  # fmt: skip
_FILES = {"items": _ITEMS, "optional": "bool"}
_DOWNWARD = {
    "fieldRef": {"apiVersion": TEXT, "fieldPath": TEXT}, "mode": "int32", "path": TEXT,
    "resourceFieldRef": {"containerName": TEXT, "divisor": "quantity", "resource": TEXT},
}  # fmt: skip
_SOURCE = {
    "configMap": _FILES | {"name": TEXT},
    "secret": _FILES | {"name": TEXT},
    "downwardAPI": {"items": [_DOWNWARD]},
    "serviceAccountToken": {"audience": TEXT, "expirationSeconds": "int64", "path": TEXT},
}
_VOLUME = {
    "name": TEXT,
    "configMap": _FILES | {"name": TEXT, "defaultMode": "int32"},
    "secret": _FILES | {"secretName": TEXT, "defaultMode": "int32"},
    "projected": {"defaultMode": "int32", "sources": [_SOURCE]},
    "emptyDir": Kept({"medium": TEXT, "sizeLimit": "quantity"}),
    **dict.fromkeys(("csi", "ephemeral", "hostPath", "image", "persistentVolumeClaim"), Kept({})),
}
_POD: dict[str, Any] = {
    "affinity": Kept({}), "automountServiceAccountToken": "bool",
    "containers": [_CONTAINER], "dnsConfig": Kept({}), "dnsPolicy": TEXT,
    "enableServiceLinks": "bool", "hostAliases": [Kept({})], "hostIPC": "bool",
    "hostNetwork": "bool", "hostPID": "bool",
    "imagePullSecrets": Keyed("name", {"name": TEXT}), "initContainers": [Kept({})],
    "nodeSelector": Texts(), "priorityClassName": TEXT, "runtimeClassName": TEXT,
    "schedulerName": TEXT, "securityContext": Kept({}), "serviceAccountName": TEXT,
    "shareProcessNamespace": "bool", "tolerations": [Kept({})],
    "topologySpreadConstraints": [Kept({})], "volumes": Keyed("name", _VOLUME),
}  # fmt: skip
_REVISION = _POD | dict.fromkeys(
    ("containerConcurrency", "idleTimeoutSeconds", "responseStartTimeoutSeconds",
     "timeoutSeconds"), "int64",
)  # fmt: skip
_TEMPLATE_METADATA = Kept(
    {
        "name": TEXT, "generateName": TEXT, "namespace": TEXT, "labels": Texts(),
        "annotations": Texts(), "finalizers": [TEXT],
    }
)  # fmt: skip
_TRAFFIC = {
    "configurationName": TEXT, "latestRevision": "bool", "percent": "int64",
    "revisionName": TEXT, "tag": TEXT, "url": TEXT,
}  # fmt: skip
SERVICE: dict[str, Any] = {
    "template": {"metadata": _TEMPLATE_METADATA, "spec": _REVISION},
    "traffic": [_TRAFFIC],
}
