"""How Mayfly comes to plain Kubernetes, and to Knative: by kubectl, from a folder that is made."""

import shutil
from typing import Any

import yaml

from infra.local.deploying import manifests
from infra.local.errors import LocalError
from infra.local.targets import described, images
from infra.local.targets.asked import TIMEOUT, Asked
from infra.local.targets.kubernetes import rendering
from infra.local.targets.plan import KUBECTL, MAYFLY, Login, Plan, Step

PORT = 18080  # of this machine, for the demo
NAMESPACES = {"dev": "mayfly-dev", "prod": "mayfly"}
_CONTEXT = "Log in to the cluster, or choose it: kubectl config use-context NAME"


def plain(asked: Asked) -> Plan:
    """Return the plan for plain Kubernetes; writes the folder."""
    rendering.render(asked.folder, asked.overlay, asked.registry_given(), asked.tag)
    if asked.overlay == "prod":
        rendering.configure(asked.folder, _site(asked))
    namespace, folder = NAMESPACES[asked.overlay], str(asked.folder)
    ask = Login(("kubectl", "version", "-o", "json"), "No cluster answers kubectl", _CONTEXT)
    apply = ("kubectl", "apply", "-k", folder)
    place = str(asked.folder / "overlays" / asked.overlay / "namespace.yaml")
    steps = (
        *asked.builds(_wanted(asked.overlay)),
        Step("Make the namespace", ("kubectl", "apply", "-f", place)),
        _secrets(asked, namespace, "--all"),
        Step("Deploy", apply),
        *(_waits(namespace, kind) for kind in ("statefulset", "deployment")),
        *asked.demos(
            *("--gateway", f"http://127.0.0.1:{PORT}"),
            beside=("kubectl", "-n", namespace, "port-forward", "service/gateway", f"{PORT}:8080"),
        ),
    )
    return Plan("kubernetes", (KUBECTL, *asked.docker()), (ask,), steps)


def knative(asked: Asked) -> Plan:
    """Return the plan for a cluster with Knative Serving and Eventing; writes the folder."""
    render_knative(asked)
    folder = str(asked.folder)
    group = "/apis/serving.knative.dev/v1"
    ask = Login(("kubectl", "get", "--raw", group), "No Knative Serving answers kubectl", _CONTEXT)
    wait = ("kubectl", "wait", "ksvc", "--all", "--for=condition=Ready", f"--timeout={TIMEOUT}")
    steps = (
        *asked.builds(tuple(described.images())),
        _secrets(asked, "default"),
        Step("Deploy the functions", ("kubectl", "apply", "-k", folder)),
        Step(
            "Deploy broker, triggers and schedules",
            ("kubectl", "apply", "-k", f"{folder}/eventing"),
        ),
        Step("Wait until they are ready", wait),
        *asked.demos_by_url(),
    )
    return Plan("knative", (KUBECTL, *asked.docker()), (ask,), steps)


def render_knative(asked: Asked) -> None:
    """Write infra/knative into the folder, with these images and this configuration."""
    ignored = shutil.ignore_patterns("*.md")
    shutil.copytree(manifests.KNATIVE, asked.folder, dirs_exist_ok=True, ignore=ignored)
    shutil.copyfile(asked.config_given("infra/knative/config.env"), asked.folder / "config.env")
    file = asked.folder / "kustomization.yaml"
    found: dict[str, Any] = yaml.safe_load(file.read_text())
    registry = asked.registry_given()
    found["images"] = [
        {"name": image, "newName": images.placed(image, registry), "newTag": asked.tag}
        for image in described.images()
    ]
    # Knative's pods read it by this very name, when they start.
    options = {"disableNameSuffixHash": True}
    generated = {"name": "mayfly", "envs": ["config.env"], "options": options}
    file.write_text(rendering.dump([found | {"configMapGenerator": [generated]}]))


def _site(asked: Asked) -> dict[str, str]:
    """Return the names of a project and of hosts; raises LocalError where the file says more."""
    found = asked.variables(rendering.NAMED)
    if more := sorted(found.keys() - set(rendering.NAMED)):
        raise LocalError(
            f"{asked.config} says {', '.join(more)}, which goes nowhere.",
            "What functions read besides stands in infra/kubernetes/base/config.env.",
        )
    return found


def _wanted(overlay: str) -> tuple[str, ...]:
    """Return the images of an overlay: two emulators are not there with Google's services."""
    google = (
        {"mayfly/emulator-firestore", "mayfly/emulator-storage"} if overlay == "prod" else set()
    )
    return tuple(image for image in images.ALL if image not in google)


def _secrets(asked: Asked, namespace: str, *more: str) -> Step:
    key = ("--key-file", str(asked.key_file))
    setup = (MAYFLY, "setup", "--kubernetes", *more, "--namespace", namespace, "--apply", *key)
    return Step("Make the secrets that are not there", setup)


def _waits(namespace: str, kind: str) -> Step:
    words = ("kubectl", "-n", namespace, "rollout", "status", kind)
    chosen = ("-l", "app.kubernetes.io/part-of=mayfly", f"--timeout={TIMEOUT}")
    return Step(f"Wait until each {kind} is ready", (*words, *chosen))
