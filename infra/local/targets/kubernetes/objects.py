"""A function's objects on plain Kubernetes, made of its description.

Plain Kubernetes has no zero: at least one replica is there, and the autoscaler goes by the
processor, since nothing there counts calls.
"""

from collections.abc import Iterator
from typing import Any

from infra.local.targets.described import SCRAPE, Function

Object = dict[str, Any]

PART_OF = {"app.kubernetes.io/part-of": "mayfly"}
NAME = "app.kubernetes.io/name"
COMPONENT = "app.kubernetes.io/component"
CONFIG = "mayfly"  # the config map and the secret that every function reads
ACCOUNT = "mayfly-functions"
USER = 65532  # of the images
SERVICE_PORT = 80
# A replica is one process with one lock: it is full at a core, whatever it asks for.
BUSY = "700m"
# Endpoints are taken away beside a pod's end; until every node knows, calls come still.
DRAIN_SECONDS = 5
ROOM = "1Gi"  # of /tmp, as docker-compose.yml gives those that need most


def objects(function: Function) -> Iterator[Object]:
    """Yield what a function is on Kubernetes."""
    yield deployment(function)
    yield service(function)
    yield autoscaler(function)
    yield disruption_budget(function)
    if function.steps:
        yield schedule(function)


def selector(name: str) -> dict[str, str]:
    """Return the labels by which a part's pods are found."""
    return {NAME: name}


def labels(name: str, component: str = "function") -> dict[str, str]:
    """Return all labels of a part."""
    return {**PART_OF, **selector(name), COMPONENT: component}


def deployment(function: Function) -> Object:
    """Return the Deployment; how many replicas is the autoscaler's to say."""
    pod = {
        "serviceAccountName": ACCOUNT,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        # What has begun is ended, as Knative lets it.
        "terminationGracePeriodSeconds": function.timeout + DRAIN_SECONDS,
        "securityContext": _pod_security(),
        "topologySpreadConstraints": [_spread(function.name)],
        "containers": [_container(function)],
        "volumes": [{"name": "tmp", "emptyDir": {"sizeLimit": ROOM}}],
    }
    notes = {key: text for key, text in function.annotations.items() if key == SCRAPE}
    if notes:
        notes["prometheus.io/port"] = str(function.port)
    return {
        **_head("apps/v1", "Deployment", function.name),
        "spec": {
            "selector": {"matchLabels": selector(function.name)},
            "strategy": {"rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
            "template": {
                "metadata": {"labels": labels(function.name), "annotations": notes},
                "spec": pod,
            },
        },
    }


def service(function: Function) -> Object:
    """Return the Service: `http://<name>` within the namespace."""
    port: Object = {"name": "http", "port": SERVICE_PORT, "targetPort": "main"}
    if function.grpc:
        port |= {"name": "grpc", "appProtocol": "kubernetes.io/h2c"}
    return {
        **_head("v1", "Service", function.name),
        "spec": {"selector": selector(function.name), "ports": [port]},
    }


def autoscaler(function: Function) -> Object:
    """Return the HorizontalPodAutoscaler, within the bounds of the Knative Service."""
    average = {"type": "AverageValue", "averageValue": BUSY}
    return {
        **_head("autoscaling/v2", "HorizontalPodAutoscaler", function.name),
        "spec": {
            "scaleTargetRef": {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "name": function.name,
            },
            "minReplicas": max(1, function.least),
            "maxReplicas": function.most,
            "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": average}}],
        },
    }


def disruption_budget(function: Function) -> Object:
    """Return the PodDisruptionBudget: one goes at a time, and a broken one holds up no node."""
    return {
        **_head("policy/v1", "PodDisruptionBudget", function.name),
        "spec": {
            "maxUnavailable": 1,
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
            "selector": {"matchLabels": selector(function.name)},
        },
    }


def schedule(function: Function) -> Object:
    """Return the CronJob that has a function look for lost steps, as its PingSource does."""
    url = f"http://{function.name}{function.overdue}"
    module = "functions.kit.adapters.steps.schedule"
    container = {
        "name": "ask",
        "image": function.image,
        "command": ["python", "-m", module, "--once", url],
        "securityContext": _container_security(function),
        "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"memory": "128Mi"}},
    }
    pod = {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": _pod_security(),
        "containers": [container],
    }
    name = f"{function.name}-overdue"
    made = {"metadata": {"labels": labels(name, "schedule")}, "spec": pod}
    job = {"backoffLimit": 0, "activeDeadlineSeconds": 55, "template": made}
    return {
        **_head("batch/v1", "CronJob", name, "schedule"),
        "spec": {
            "schedule": function.schedule,
            "concurrencyPolicy": "Forbid",
            "successfulJobsHistoryLimit": 1,
            "failedJobsHistoryLimit": 3,
            "jobTemplate": {"spec": job},
        },
    }


def _head(version: str, kind: str, name: str, component: str = "function") -> Object:
    metadata = {"name": name, "labels": labels(name, component)}
    return {"apiVersion": version, "kind": kind, "metadata": metadata}


def _container(function: Function) -> Object:
    variables = {"PORT": str(function.port), **function.environment}
    return {
        "name": "function",
        "image": function.image,
        "ports": [{"name": "main", "containerPort": function.port}],
        "env": [{"name": name, "value": text} for name, text in sorted(variables.items())],
        "envFrom": [{"configMapRef": {"name": CONFIG}}, {"secretRef": {"name": CONFIG}}],
        "securityContext": _container_security(function),
        "resources": {"requests": dict(function.requests), "limits": dict(function.limits)},
        **_probes(function),
        "lifecycle": {"preStop": {"sleep": {"seconds": DRAIN_SECONDS}}},
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],  # noqa: S108 - in a container
    }


def _probes(function: Function) -> Object:
    def asks(path: str) -> Object:
        if function.grpc:
            return {"grpc": {"port": function.port}}
        return {"httpGet": {"path": path, "port": "main"}}

    return {
        "startupProbe": asks("/_/health") | {"periodSeconds": 1, "failureThreshold": 60},
        "readinessProbe": asks("/_/ready") | {"periodSeconds": 5, "timeoutSeconds": 3},
        "livenessProbe": asks("/_/health") | {"periodSeconds": 10, "timeoutSeconds": 5},
    }


def _pod_security() -> Object:
    return {"runAsUser": USER, "runAsGroup": USER, "fsGroup": USER}


def _container_security(function: Function) -> Object:
    return {**function.security, "readOnlyRootFilesystem": True}


def _spread(name: str) -> Object:
    return {
        "maxSkew": 1,
        "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": selector(name)},
    }
