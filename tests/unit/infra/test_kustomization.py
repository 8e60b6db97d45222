"""What `kubectl apply -k` makes of the deploy files, and what a cluster asks of them."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.local import settings
from infra.local.deploying import manifests

FILE = "kustomization.yaml"
FOLDERS = (manifests.KNATIVE, manifests.KNATIVE / "eventing")


def kustomization(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((folder / FILE).read_text())
    return found


def containers() -> list[dict[str, Any]]:
    services = manifests.services(manifests.load(manifests.KNATIVE))
    return [c for s in services for c in s["spec"]["template"]["spec"]["containers"]]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_file_is_a_resource_of_its_folder(folder: Path) -> None:
    found = kustomization(folder)
    assert (found["apiVersion"], found["kind"]) == (
        "kustomize.config.k8s.io/v1beta1",
        "Kustomization",
    )
    assert sorted(found["resources"]) == sorted(
        path.name for path in folder.glob("*.yaml") if path.name != FILE
    )


def test_every_image_has_a_registry_and_a_tag_to_set() -> None:
    named = {image["name"]: image for image in kustomization(manifests.KNATIVE)["images"]}
    assert set(named) == {container["image"] for container in containers()}
    for name, image in named.items():
        registry, _, rest = image["newName"].partition("/")
        assert "." in registry, "without a host it is somebody's name on a public hub"
        assert rest == name
        assert image["newTag"]


def test_every_container_passes_kubernetes_restricted_profile() -> None:
    for container in containers():
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "runAsNonRoot": True,
            "capabilities": {"drop": ["ALL"]},
            "seccompProfile": {"type": "RuntimeDefault"},
        }


def test_images_run_as_a_user_by_number() -> None:
    recipe = (settings.ROOT / "functions" / "Dockerfile").read_text().splitlines()
    users = [line.removeprefix("USER ") for line in recipe if line.startswith("USER ")]
    # A kubelet can tell only of a number that it is not root's.
    assert users[-1].partition(":")[0].isdecimal()
    assert users[-1] != "0"


def test_the_configuration_is_one_that_kubectl_reads() -> None:
    lines = (manifests.KNATIVE / "config.env").read_text().splitlines()
    variables = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert all(name == name.strip() and value for name, value in variables.items())
    assert variables["MAYFLY_FUNCTION_URL"] == "http://{name}.{namespace}.svc.cluster.local{path}"
    (broker,) = (item for item in manifests.load(FOLDERS[1]) if item["kind"] == "Broker")
    place = f"{variables['MAYFLY_NAMESPACE']}/{broker['metadata']['name']}"
    assert variables["MAYFLY_BROKER_URL"].endswith(f".svc.cluster.local/{place}")
