"""Knative's autoscaling annotations."""

import re
from collections.abc import Mapping

from emulators.gateway.errors import GatewayError
from emulators.gateway.specs.durations import number, seconds, whole
from emulators.gateway.specs.revision import Scaling

PREFIX = "autoscaling.knative.dev/"
_HUMP = re.compile(r"(?<=[a-z])([A-Z])")
_ALIASES = {
    "target-utilization": "target-utilization-percentage",
    "panic-window": "panic-window-percentage",
}
_DEFAULT = Scaling()


def scaling_from(annotations: Mapping[str, str]) -> Scaling:
    """Reads ``autoscaling.knative.dev/*``, the older camelCase aliases too.

    Raises:
        GatewayError: 400 for a value that cannot be read or is out of its bounds.
    """
    found = {_hyphened(k): v for k, v in annotations.items() if k.startswith(PREFIX)}
    metric = found.get("metric", "concurrency")
    if metric not in ("concurrency", "rps"):
        raise GatewayError(400, f"{PREFIX}metric: {metric!r} is unknown", "use concurrency or rps")
    minimum, maximum = _whole(found, "min-scale", 0), _whole(found, "max-scale", 0)
    if maximum and minimum > maximum:
        raise GatewayError(400, f"min-scale ({minimum}) is over max-scale ({maximum})", "lower it")
    return Scaling(
        minimum=minimum,
        maximum=maximum,
        initial=_whole(found, "initial-scale", 1),
        activation=max(1, _whole(found, "activation-scale", 1)),
        metric="rps" if metric == "rps" else "concurrency",
        target=_number(found, "target", 0.01, 1e6, None),
        utilization=(_number(found, "target-utilization-percentage", 1, 100, 70) or 70) / 100,
        window=_duration(found, "window", _DEFAULT.window, 6, 3600),
        panic_window_percentage=_number(found, "panic-window-percentage", 1, 100, 10) or 10,
        panic_threshold_percentage=_number(found, "panic-threshold-percentage", 110, 1000, 200)
        or 200,
        down_delay=_duration(found, "scale-down-delay", 0, 0, 3600),
        burst_capacity=_number(found, "target-burst-capacity", -1, 1e6, None),
        retention=_duration(found, "scale-to-zero-pod-retention-period", 0, 0, 3600),
    )


def _hyphened(key: str) -> str:
    plain = _HUMP.sub(r"-\1", key.removeprefix(PREFIX)).lower()
    return _ALIASES.get(plain, plain)


def _whole(found: Mapping[str, str], key: str, default: int) -> int:
    return whole(found.get(key, str(default)), PREFIX + key, 0, 1000)


def _number(
    found: Mapping[str, str], key: str, low: float, high: float, default: float | None
) -> float | None:
    return number(found[key], PREFIX + key, low, high) if key in found else default


def _duration(found: Mapping[str, str], key: str, default: float, low: float, high: float) -> float:
    if key not in found:
        return default
    value = seconds(found[key], PREFIX + key)
    return number(str(value), PREFIX + key, low, high)
