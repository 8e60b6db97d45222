"""Volumes of a pod, and where containers mount them."""

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from emulators.gateway.specs.validation import names, quantities
from emulators.gateway.specs.validation.causes import Causes
from emulators.gateway.specs.validation.faults import BOTH, NEITHER, Faults, under

KINDS = ("secret", "configMap", "projected", "emptyDir")
_OFF = {  # behind feature flags that are off by default: what their refusals call them
    "hostPath": "HostPath", "csi": "CSI", "ephemeral": "Ephemeral", "image": "Image",
}  # fmt: skip
_CLAIM = "persistentVolumeClaim"
OF_A_CLUSTER = ("serviceAccountToken", "downwardAPI")
_SOURCES = ("secret", "configMap", *OF_A_CLUSTER)
_RESERVED = ("/", "/dev", "/dev/log")
_MOST_MODE = 0o777


def check(pod: Mapping[str, Any], at: str, faults: Faults) -> None:
    """Note what Knative refuses of a pod's volumes."""
    containers = [*pod.get("initContainers", ()), *pod.get("containers", ())]
    mounted = {m.get("name", "") for c in containers for m in c.get("volumeMounts", ())}
    for number, volume in enumerate(pod.get("volumes", ())):
        place, name = f"{at}.volumes[{number}]", volume.get("name", "")
        if name not in mounted:
            faults.add(f'volume with name "{name}" not mounted', f"{place}.name")
        if not name:
            faults.missing(f"{place}.name")
        elif names.label(name):
            faults.invalid(name, f"{place}.name")
        _check_kinds(volume, name, place, faults)
        for items in _items(volume):
            for item in items:
                _check_item(item, f"{place}.items", faults)


def _check_kinds(volume: Mapping[str, Any], name: str, place: str, faults: Faults) -> None:
    given = [kind for kind in (*KINDS, *_OFF, _CLAIM) if kind in volume]
    for kind in given:
        if kind in _OFF:
            said = _OFF[kind]
            told = f"{said} volume support is disabled, but found {said} volume {name}"
            faults.add(told, f"{place}.{kind}")
            faults.disallowed(f"{place}.{kind}")
        elif kind == _CLAIM:
            claim = volume[kind].get("claimName", "")
            said = "Persistent volume claim support is disabled"
            faults.add(f"{said}, but found persistent volume claim {claim}", f"{place}.{kind}")
            faults.disallowed(f"{place}.{kind}")
    if not given:
        faults.add(NEITHER, *under(place, *KINDS))
    elif len(given) > 1:
        faults.add(BOTH, *under(place, *given))
    for number, source in enumerate(volume.get("projected", {}).get("sources", ())):
        _check_source(source, f"{place}.projected[{number}]", faults)
    medium = volume.get("emptyDir", {}).get("medium", "")
    if medium not in {"", "Memory"}:
        faults.invalid(medium, f"{place}.emptyDir.medium")
    size = volume.get("emptyDir", {}).get("sizeLimit", 0)
    if (quantities.parse(size) or 0) < 0:
        faults.invalid(size, f"{place}.emptyDir.sizeLimit")


def _check_source(source: Mapping[str, Any], place: str, faults: Faults) -> None:
    given = [kind for kind in _SOURCES if kind in source]
    if len(given) != 1:
        faults.add(BOTH if given else NEITHER, *under(place, *(given or _SOURCES)))
    for kind in ("secret", "configMap"):
        if kind in source and not source[kind].get("name"):
            faults.missing(f"{place}.{kind}.name")
    if "serviceAccountToken" in source and not source["serviceAccountToken"].get("path"):
        faults.missing(f"{place}.serviceAccountToken.path")
    for number, item in enumerate(source.get("downwardAPI", {}).get("items", ())):
        at = f"{place}.downwardAPI.items[{number}]"
        fields = [name for name in ("fieldRef", "resourceFieldRef") if name in item]
        if not fields:
            faults.add(NEITHER, *under(at, "fieldRef", "resourceFieldRef"))
        elif len(fields) > 1:
            faults.add("Within a single item, cannot set both", *under(at, *fields))
        if not item.get("path"):
            faults.missing(f"{at}.path")


def _items(volume: Mapping[str, Any]) -> Iterator[Sequence[Mapping[str, Any]]]:
    """Yield each list of a volume that says which key becomes which file."""
    sources = volume.get("projected", {}).get("sources", ())
    for holder in (volume, *sources):
        for kind in ("secret", "configMap"):
            if kind in holder:
                yield holder[kind].get("items", ())


def _check_item(item: Mapping[str, Any], place: str, faults: Faults) -> None:
    for name in ("key", "path"):
        if not item.get(name):
            faults.missing(f"{place}.{name}")


def check_mounts(
    container: Mapping[str, Any], volumes: Sequence[Mapping[str, Any]], at: str, faults: Faults
) -> None:
    """Note what Knative refuses of a container's mounts."""
    known = {volume.get("name", ""): volume for volume in volumes}
    seen: set[str] = set()
    for number, mount in enumerate(container.get("volumeMounts", ())):
        place, path = f"{at}.volumeMounts[{number}]", mount.get("mountPath", "")
        if mount.get("name", "") not in known:
            faults.add("volumeMount has no matching volume", f"{place}.name")
        if mount.get("mountPropagation"):
            faults.disallowed(f"{place}.mountPropagation")
        clean = _clean(path)
        if not path:
            faults.missing(f"{place}.mountPath")
        elif clean in _RESERVED:
            faults.add(f'mountPath "{clean}" is a reserved path', f"{place}.mountPath")
        elif not path.startswith("/"):
            faults.invalid(path, f"{place}.mountPath")
        elif clean in seen:
            faults.invalid(f'"{path}" must be unique', f"{place}.mountPath")
        seen.add(clean)


def _clean(path: str) -> str:
    clean = posixpath.normpath(path)
    return "/" + clean.lstrip("/") if clean.startswith("/") else clean


def check_pod(pod: Mapping[str, Any], at: str, causes: Causes) -> None:
    """Note what Kubernetes refuses of the pod."""
    for number, volume in enumerate(pod.get("volumes", ())):
        place = f"{at}.volumes[{number}]"
        if "secret" in volume and not volume["secret"].get("secretName"):
            causes.required(f"{place}.secret.secretName")
        if "configMap" in volume and not volume["configMap"].get("name"):
            causes.required(f"{place}.configMap.name")
        for kind in ("secret", "configMap", "projected"):
            _check_mode(volume.get(kind, {}), "defaultMode", f"{place}.{kind}", causes)
        for items in _items(volume):
            for item in items:
                _check_mode(item, "mode", f"{place}.items", causes)
                _check_relative(item.get("path", ""), f"{place}.items.path", causes)
    for number, container in enumerate(pod.get("containers", ())):
        for mount_at, mount in enumerate(container.get("volumeMounts", ())):
            place = f"{at}.containers[{number}].volumeMounts[{mount_at}]"
            _check_relative(mount.get("subPath", ""), f"{place}.subPath", causes)
            if ":" in mount.get("mountPath", ""):
                causes.invalid(f"{place}.mountPath", mount["mountPath"], "must not contain ':'")


def _check_mode(holder: Mapping[str, Any], name: str, place: str, causes: Causes) -> None:
    mode = holder.get(name, 0)
    if not 0 <= mode <= _MOST_MODE:
        told = "must be a number between 0 and 0777 (octal), both inclusive"
        causes.invalid(f"{place}.{name}", mode, told)


def _check_relative(path: str, place: str, causes: Causes) -> None:
    if path.startswith("/"):
        causes.invalid(place, path, "must be a relative path")
    if ".." in path.split("/"):
        causes.invalid(place, path, "must not contain '..'")
