"""What a real Knative takes and this plane does not honour: the one list, with reasons.

What would run something else than what was meant is refused; the rest is taken with a warning.
The README shows the list; a test holds the two together. The first of `REFUSED` are refused by
`refused`; images, refs, numbers, names and CESQL by whoever reads them.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from emulators.gateway.specs.validation.eventing import brokers
from emulators.gateway.specs.validation.pod_specs import volumes
from emulators.gateway.specs.validation.pod_specs.probes import KINDS as PROBES
from emulators.gateway.specs.validation.serving import scaling

REFUSED = {
    "several containers": "a replica is one process; what it needs beside it would not be there",
    "an image of a registry": "none is pulled: name a folder, mayfly/NAME, or envProcess",
    "serviceAccountToken and downwardAPI volumes": "there is no cluster that they would tell of",
    "a Trigger with brokerRef alone": "there it leads nowhere, as its feature flag is off",
    "filters in CESQL": "its expressions are not evaluated here",
    "a ref of another kind than Service, Broker, Channel, InMemoryChannel or Sequence": (
        "nothing else takes events here"
    ),
    "retry over 1000": "an event that fails for so long would hold up those behind it",
    "a dot in the name of an object of Eventing": "names are parts of the queue's",
    "a channel's name over 52 letters": "it is a part of its host's first label",
    "a change of a channel or subscription that a Channel or Sequence made": (
        "there it is undone: change, or delete, what made it"
    ),
}
WARNED = {
    "args without command": "the image's own entry point, which would read them, is not run here",
    "exec and gRPC probes": "not asked here; what they are for is told by a connection",
    "serviceAccountName, imagePullSecrets": "there are no accounts, and no image is pulled",
    "runAsUser, runAsGroup": "replicas run as the gateway's user",
    "devices (nvidia.com/gpu)": "not handed out: the machine's own are seen by every replica",
    "a broker's class and config": "every broker is the gateway's own",
    "a channel of another kind": "every channel is the gateway's own",
    "an autoscaler's own class": "scaled as by Knative's own, by concurrency or rps",
}


def refused(kind: str, thing: Mapping[str, Any]) -> str:
    """Return why an object is refused here alone; empty where it is not."""
    if kind == "Trigger" and "brokerRef" in thing.get("spec", {}):
        return f"spec.brokerRef: {REFUSED['a Trigger with brokerRef alone']}; say spec.broker"
    revision = _revision(thing) if kind == "Service" else {}
    containers = revision.get("containers", ())
    if len(containers) > 1:
        why = REFUSED["several containers"]
        return f"spec.template.spec.containers: {len(containers)} given: {why}"
    for number, volume in enumerate(revision.get("volumes", ())):
        for source in volume.get("projected", {}).get("sources", ()):
            if any(name in source for name in volumes.OF_A_CLUSTER):
                why = REFUSED["serviceAccountToken and downwardAPI volumes"]
                return f"spec.template.spec.volumes[{number}].projected: {why}"
    return ""


def warned(kind: str, thing: Mapping[str, Any]) -> list[str]:
    """Return what of an object is left aside here, a line each."""
    of = {
        "Service": _of_service,
        "Broker": _of_broker,
        "Channel": _of_template,
        "Sequence": _of_template,
    }.get(kind)
    found = of(thing) if of else ()
    return [f"{place} is not honoured here: {WARNED[why]}" for place, why in found]


def _of_broker(thing: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if brokers.class_of(thing) != brokers.DEFAULT_CLASS:
        yield f"metadata.annotations.{brokers.CLASS}", "a broker's class and config"
    if "config" in thing.get("spec", {}):
        yield "spec.config", "a broker's class and config"


def _of_template(thing: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    template = thing["spec"]["channelTemplate"]
    if template["kind"] != "InMemoryChannel" or template.get("spec"):
        yield "spec.channelTemplate", "a channel of another kind"


def _of_service(thing: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    at, revision = "spec.template.spec", _revision(thing)
    for name in ("serviceAccountName", "imagePullSecrets"):
        if revision.get(name):
            yield f"{at}.{name}", "serviceAccountName, imagePullSecrets"
    for number, container in enumerate(revision.get("containers", ())):
        yield from _of_container(container, f"{at}.containers[{number}]")
    annotations = thing["spec"]["template"].get("metadata", {}).get("annotations", {})
    kind = annotations.get(f"{scaling.GROUP}/class", scaling.KPA)
    if kind not in {scaling.KPA, scaling.HPA}:
        place = f"spec.template.metadata.annotations.{scaling.GROUP}/class"
        yield place, "an autoscaler's own class"


def _of_container(container: Mapping[str, Any], at: str) -> Iterator[tuple[str, str]]:
    if container.get("args") and not container.get("command"):
        yield f"{at}.args", "args without command"
    for probe in PROBES:
        for handler in ("exec", "grpc"):
            if handler in container.get(probe, {}):
                yield f"{at}.{probe}.{handler}", "exec and gRPC probes"
    for name in ("runAsUser", "runAsGroup"):
        if name in container.get("securityContext", {}):
            yield f"{at}.securityContext.{name}", "runAsUser, runAsGroup"
    for name in container.get("resources", {}).get("limits", {}):
        if "/" in name:
            yield f"{at}.resources.limits.{name}", "devices (nvidia.com/gpu)"


def _revision(thing: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = thing.get("spec", {}).get("template", {}).get("spec", {})
    return found
