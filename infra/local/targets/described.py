"""What infra/knative says of each function, read once for every other platform."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.local.deploying import manifests

SCALE = "autoscaling.knative.dev/"
STEP_EVENT = "dev.mayfly.step.due"
# Of the annotations, those that other platforms' parts read.
SCRAPE = "prometheus.io/scrape"


@dataclass(frozen=True)
class Function:
    """A function, as its Knative Service has it.

    Attributes:
        image: `mayfly/<x>`, without registry and tag.
        port: that its container listens on.
        grpc: whether that port speaks gRPC.
        environment: variables of its own, beside those that all functions read.
        requests: `cpu` and `memory` in Kubernetes' quantities.
        limits: likewise.
        security: the container's `securityContext`.
        timeout: seconds for a call.
        least: replicas that are always there.
        most: replicas at most.
        target: calls that a replica has at a time; None where it has no such target.
        schedule: when it looks for lost steps, as cron writes it; empty for never.
        overdue: the path that is asked then.
        annotations: those of its pods, without Knative's own.
    """

    name: str
    image: str
    port: int
    grpc: bool
    environment: Mapping[str, str]
    requests: Mapping[str, str]
    limits: Mapping[str, str]
    security: Mapping[str, Any]
    timeout: int
    least: int
    most: int
    target: int | None
    schedule: str
    overdue: str
    annotations: Mapping[str, str]

    @property
    def steps(self) -> bool:
        """Whether it has steps, which may be lost and are looked for."""
        return bool(self.schedule)


def functions() -> list[Function]:
    """Return every function, `prediction-grpc` among them, by name."""
    items = manifests.load(manifests.KNATIVE)
    sources = {
        item["spec"]["sink"]["ref"]["name"]: item["spec"]
        for item in items
        if item["kind"] == "PingSource"
    }
    found = [_function(one, sources) for one in manifests.services(items)]
    return sorted(found, key=lambda function: function.name)


def images() -> list[str]:
    """Return the functions' images, each once: `mayfly/<x>`."""
    return sorted({function.image for function in functions()})


def _function(service: dict[str, Any], sources: dict[str, Any]) -> Function:
    name, template = service["metadata"]["name"], service["spec"]["template"]
    notes, spec = template["metadata"]["annotations"], template["spec"]
    [container] = spec["containers"]
    [port] = container["ports"]
    target, source = notes.get(f"{SCALE}target"), sources.get(name)
    return Function(
        name=name,
        image=container["image"],
        port=port["containerPort"],
        grpc=port["name"] == manifests.GRPC,
        environment={each["name"]: each["value"] for each in container.get("env", ())},
        requests=container["resources"]["requests"],
        limits=container["resources"]["limits"],
        security=container["securityContext"],
        timeout=spec["timeoutSeconds"],
        least=int(notes[f"{SCALE}min-scale"]),
        most=int(notes[f"{SCALE}max-scale"]),
        target=None if target is None else int(target),
        schedule=source["schedule"] if source else "",
        overdue=source["sink"]["uri"] if source else "",
        annotations={key: text for key, text in notes.items() if not key.startswith(SCALE)},
    )
