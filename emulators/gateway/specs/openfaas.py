"""OpenFaaS deploy requests."""

from collections.abc import Mapping
from typing import Any

import msgspec

from emulators.gateway.errors import UNREADABLE, Invalid
from emulators.gateway.model.alerts import FACTOR
from emulators.gateway.model.revision import MAX_TIMEOUT, Deployment, Revision, Scaling
from emulators.gateway.specs.checks import check_from
from emulators.gateway.specs.durations import flag, number, seconds, whole
from emulators.gateway.specs.names import canonical, checked, checked_secret
from emulators.gateway.specs.retries import retry_from
from emulators.gateway.specs.watchdog import fprocess_from, settings_from

SCALE = "com.openfaas.scale."
_UNITS_OF_TYPE = {"capacity": "concurrency", "rps": "rps", "cpu": "concurrency"}
_DEFAULT_TARGET = 50.0
_WATCHDOG_MARGIN = 5.0  # seconds: what the watchdog says of its own limit comes first


class DeployRequest(msgspec.Struct):
    """The body of ``POST``/``PUT /system/functions``."""

    service: str
    image: str
    namespace: str = ""
    envProcess: str = ""  # noqa: N815 - the protocol's own word
    envVars: dict[str, str] | None = None  # noqa: N815 - the protocol's own word
    constraints: list[str] | None = None
    secrets: list[str] | None = None
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    limits: dict[str, str] | None = None
    requests: dict[str, str] | None = None
    readOnlyRootFilesystem: bool = False  # noqa: N815 - the protocol's own word


def parse(body: bytes, now: float) -> Deployment:
    """Read a deploy request into a deployment with its first revision.

    Raises:
        Invalid: Naming the field that is wrong.
    """
    try:
        request = msgspec.json.decode(body, type=DeployRequest)
    except UNREADABLE as error:
        raise Invalid(
            f"the deploy request cannot be read: {error}", "see docs of POST /system/functions"
        ) from error
    name = checked(request.service, "service")
    namespace = checked(canonical(request.namespace), "namespace")
    revision = _revision(request, name, namespace, now)
    manifest: dict[str, Any] = msgspec.to_builtins(request)
    return Deployment(name, namespace, "openfaas", manifest, 1, [revision], now)


def _revision(request: DeployRequest, name: str, namespace: str, now: float) -> Revision:
    labels, annotations = request.labels or {}, request.annotations or {}
    env = request.envVars or {}
    fprocess = fprocess_from(env, request.envProcess)
    settings_from(env)  # refused here, not at the first call
    timeout = _timeout(env, _WATCHDOG_MARGIN if fprocess else 0.0)
    return Revision(
        function=name,
        namespace=namespace,
        number=1,
        image=request.image,
        fprocess=fprocess,
        env=env,
        secrets=tuple(checked_secret(secret, "secrets") for secret in request.secrets or ()),
        concurrency=whole(env.get("max_inflight", "0"), "max_inflight", 0, 1000),
        timeout=timeout,
        start_timeout=timeout,
        scaling=scaling_from(labels),
        retry=retry_from({**labels, **annotations}),
        check=check_from(annotations),
        labels=labels,
        annotations=annotations,
        created_at=now,
    )


def _timeout(env: Mapping[str, str], margin: float) -> float:
    """Read the watchdog's ``exec_timeout``, which OpenFaaS templates set; 0 is no limit there.

    Without one it is the gateway's own limit that holds, as infra/openfaas/README.md sets it.
    """
    limit = seconds(env.get("exec_timeout", "0s"), "exec_timeout")
    return min(limit + margin, MAX_TIMEOUT) if limit else MAX_TIMEOUT


def factor_of(labels: Mapping[str, str]) -> int:
    """Return a step of an alert, as per cent of the most replicas; ill-written, as the original."""
    text = labels.get(SCALE + "factor", "")
    return int(text) if text.isdecimal() and 0 < int(text) <= 100 else FACTOR


def scaling_from(labels: Mapping[str, str]) -> Scaling:
    """Read ``com.openfaas.scale.*`` labels.

    Raises:
        Invalid: For a value that cannot be read, or a minimum over the maximum.
    """
    minimum = whole(labels.get(SCALE + "min", "1"), SCALE + "min", 0, 1000)
    maximum = whole(labels.get(SCALE + "max", "20"), SCALE + "max", 1, 1000)
    if minimum > maximum:
        raise Invalid(
            f"{SCALE}min ({minimum}) is over {SCALE}max ({maximum})", "lower min or raise max"
        )
    to_zero = flag(labels.get(SCALE + "zero", "false"), SCALE + "zero")
    kind = labels.get(SCALE + "type", "rps")
    if kind not in _UNITS_OF_TYPE:
        raise Invalid(f"{SCALE}type: {kind!r} is unknown", "use rps, capacity or cpu")
    target = labels.get(SCALE + "target", str(_DEFAULT_TARGET))
    return Scaling(
        minimum=0 if to_zero else minimum,
        maximum=maximum,
        initial=max(1, minimum),
        metric="rps" if kind == "rps" else "concurrency",
        target=number(target, SCALE + "target", 0.01, 1e6),
        utilization=number(
            labels.get(SCALE + "target-proportion", "0.90"), SCALE + "target-proportion", 0.01, 1
        ),
        window=max(6.0, seconds(labels.get(SCALE + "down.window", "60s"), SCALE + "down.window")),
        retention=seconds(labels.get(SCALE + "zero-duration", "15m"), SCALE + "zero-duration"),
    )
