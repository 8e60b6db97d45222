"""``securityContext`` of pods and containers, and what else a pod of Knative may not say."""

from collections.abc import Mapping
from typing import Any

from emulators.gateway.specs.validation.causes import Causes
from emulators.gateway.specs.validation.faults import Faults

# Each waits for a feature flag that is off by default.
_POD_FIELDS = (
    "dnsPolicy", "hostAliases", "hostIPC", "hostNetwork", "hostPID", "initContainers",
    "nodeSelector", "priorityClassName", "schedulerName", "tolerations",
    "topologySpreadConstraints",
)  # fmt: skip
_POD_POINTERS = (  # also where they say nothing
    "affinity", "dnsConfig", "runtimeClassName", "securityContext", "shareProcessNamespace",
)  # fmt: skip
_IDS = ("runAsUser", "runAsGroup")
_MOST = 2**31 - 1
_PROFILES = ["Localhost", "RuntimeDefault", "Unconfined"]
_DEFAULTS = ("runAsNonRoot", "allowPrivilegeEscalation", "seccompProfile", "capabilities")
_INSECURE = (
    "Kubernetes default value is insecure, Knative may default this to secure in a future release"
)


def check_pod_fields(pod: Mapping[str, Any], at: str, faults: Faults) -> None:
    """Note the fields of a pod that Knative does not take."""
    given = [name for name in _POD_FIELDS if pod.get(name)]
    given += [name for name in _POD_POINTERS if name in pod]
    given += ["automountServiceAccountToken"] if pod.get("automountServiceAccountToken") else []
    context = pod.get("securityContext", {})
    given += [f"securityContext.{name}" for name in context if context[name] is not None]
    if given:
        faults.disallowed(*(f"{at}.{name}" for name in given))
    containers = len(pod.get("initContainers", ()))
    if containers:
        told = (
            f"pod spec support for init-containers is off, but found {containers} init containers"
        )
        faults.add(told, "")


def check(context: Mapping[str, Any], at: str, faults: Faults) -> None:
    """Note what Knative refuses of a container, and what it advises."""
    if context.get("privileged"):
        faults.disallowed(f"{at}.privileged")
    if context.get("capabilities", {}).get("add"):
        faults.disallowed(f"{at}.capabilities.add")
    for name in _IDS:
        if not 0 <= context.get(name, 0) <= _MOST:
            faults.outside(context[name], 0, _MOST, f"{at}.{name}")
    _advise(context, at, faults)


def _advise(context: Mapping[str, Any], at: str, faults: Faults) -> None:
    for name in _DEFAULTS:
        if name not in context:
            faults.warn(_INSECURE, f"{at}.{name}")
    drop = context.get("capabilities", {"drop": ["ALL"]}).get("drop")
    if drop is None:
        faults.warn(_INSECURE, f"{at}.capabilities.drop")
    elif drop and drop[0] == "all":
        faults.warn("invalid value: all", f"{at}.capabilities.drop")


def check_pod(context: Mapping[str, Any], at: str, causes: Causes) -> None:
    """Note what Kubernetes refuses of the pod."""
    profile = context.get("seccompProfile")
    if profile is None:
        return
    kind, place = profile.get("type", ""), f"{at}.seccompProfile"
    if not kind:
        causes.required(f"{place}.type", "type is required when seccompProfile is set")
    elif kind not in _PROFILES:
        causes.unsupported(f"{place}.type", kind, _PROFILES)
    elif (kind == "Localhost") != bool(profile.get("localhostProfile")):
        if kind == "Localhost":
            causes.required(
                f"{place}.localhostProfile", "must be set when seccomp type is Localhost"
            )
        else:
            told = "can only be set when seccomp type is Localhost"
            causes.invalid(f"{place}.localhostProfile", profile["localhostProfile"], told)
