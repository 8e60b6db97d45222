"""The platforms elsewhere that `./mayfly deploy --to` knows."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from infra.local.targets import cloud_run, openfaas
from infra.local.targets.asked import Asked
from infra.local.targets.aws import planning as aws
from infra.local.targets.kubernetes import planning as kubernetes
from infra.local.targets.plan import Plan

TARGETS: Mapping[str, Callable[[Asked], Plan]] = MappingProxyType(
    {
        "knative": kubernetes.knative,
        "openfaas": openfaas.plan,
        "kubernetes": kubernetes.plain,
        "cloud-run": cloud_run.plan,
        "ecs": aws.ecs,
        "lambda": aws.on_lambda,
    }
)
