"""Knative's autoscaling annotations."""

import re
from collections.abc import Mapping
from typing import Literal

from emulators.gateway.errors import Invalid
from emulators.gateway.model.revision import Scaling
from emulators.gateway.specs.durations import number, seconds, whole

PREFIX = "autoscaling.knative.dev/"
_HUMP = re.compile(r"(?<=[a-z])([A-Z])")
_ALIASES = {
    "target-utilization": "target-utilization-percentage",
    "panic-window": "panic-window-percentage",
}
_DEFAULT = Scaling()
_METRICS = ("concurrency", "rps")
_CLASSES = {f"{name}.{PREFIX.rstrip('/')}": name for name in ("kpa", "hpa")}  # as files say it
_MOST = 2**31 - 1  # replicas that a file may name; the gateway's own limit is far below


def scaling_from(annotations: Mapping[str, str]) -> Scaling:
    """Read ``autoscaling.knative.dev/*``, the older camelCase aliases too.

    Raises:
        Invalid: For a value that cannot be read or is out of its bounds.
    """
    found = _canonical(annotations)
    metric = _metric(found)
    minimum, maximum = _whole(found, "min-scale", 0), _whole(found, "max-scale", 0)
    if maximum and minimum > maximum:
        raise Invalid(f"min-scale ({minimum}) is over max-scale ({maximum})", "lower it")
    return Scaling(
        minimum=minimum,
        maximum=maximum,
        initial=_whole(found, "initial-scale", 1),
        activation=_whole(found, "activation-scale", 1, low=1),
        metric=metric,
        target=_number(found, "target", 0.01, _MOST, None),
        utilization=(_number(found, "target-utilization-percentage", 1, 100, 70) or 70) / 100,
        window=_duration(found, "window", _DEFAULT.window, 6, 3600),
        panic_window_percentage=_number(found, "panic-window-percentage", 1, 100, 10) or 10,
        panic_threshold_percentage=_number(found, "panic-threshold-percentage", 110, 1000, 200)
        or 200,
        down_delay=_duration(found, "scale-down-delay", 0, 0, 3600),
        burst_capacity=_burst_capacity(found),
        retention=_duration(found, "scale-to-zero-pod-retention-period", 0, 0, 3600),
    )


def _canonical(annotations: Mapping[str, str]) -> dict[str, str]:
    """Return values by hyphenated name, which counts where both spellings are given."""
    ours = {k.removeprefix(PREFIX): v for k, v in annotations.items() if k.startswith(PREFIX)}
    aliased = {_hyphened(k): v for k, v in ours.items()}
    return aliased | {k: v for k, v in ours.items() if _hyphened(k) == k}


def _hyphened(key: str) -> str:
    plain = _HUMP.sub(r"-\1", key).lower()
    return _ALIASES.get(plain, plain)


def _metric(found: Mapping[str, str]) -> Literal["concurrency", "rps"]:
    """Return what is measured; the HPA's own metrics (cpu, memory) count as concurrency here."""
    given = found.get("class", "kpa")
    kind = _CLASSES.get(given, given)
    metric = found.get("metric", "concurrency")
    if kind == "kpa" and metric not in _METRICS:
        raise Invalid(f"{PREFIX}metric: {metric!r} is unknown", "use concurrency or rps")
    return "rps" if metric == "rps" else "concurrency"


def _burst_capacity(found: Mapping[str, str]) -> float | None:
    """Read -1 (the activator buffers always), or a number of requests."""
    always = found.get("target-burst-capacity") == "-1"
    return -1.0 if always else _number(found, "target-burst-capacity", 0, _MOST, None)


def _whole(found: Mapping[str, str], key: str, default: int, *, low: int = 0) -> int:
    return whole(found.get(key, str(default)), PREFIX + key, low, _MOST)


def _number(
    found: Mapping[str, str], key: str, low: float, high: float, default: float | None
) -> float | None:
    return number(found[key], PREFIX + key, low, high) if key in found else default


def _duration(found: Mapping[str, str], key: str, default: float, low: float, high: float) -> float:
    if key not in found:
        return default
    value = seconds(found[key], PREFIX + key)
    return number(str(value), PREFIX + key, low, high)
