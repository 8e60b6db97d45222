"""What is made for platforms elsewhere, once for the tests of a file."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.local.targets.kubernetes import rendering
from tests.support import tools

REGISTRY = "registry.example.org/you/mayfly"
TAG = "1.2"
OLDEST = 27
SITE = {
    "GOOGLE_CLOUD_PROJECT": "a-project",
    "MAYFLY_BUCKET": "a-bucket",
    "WEB_HOST": "pages.example.net",
    "API_HOST": "api.example.net",
}


def rendered(folder: Path, overlay: str) -> list[dict[str, Any]]:
    """Return what kubectl makes of an overlay."""
    kubectl = tools.program("kubectl", package="kubernetes-client")
    client = json.loads(subprocess.check_output([kubectl, "version", "--client", "-o", "json"]))
    if int(client["clientVersion"]["minor"].rstrip("+")) < OLDEST:
        tools.lacking(f"kubectl is older than 1.{OLDEST}, whose Kustomize knows replacements")
    rendering.render(folder, overlay, REGISTRY, TAG)
    if overlay == "prod":
        rendering.configure(folder, SITE)
    words = [kubectl, "kustomize", str(folder)]
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


@pytest.fixture(scope="session", params=rendering.OVERLAYS)
def overlay(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    """Each overlay's objects."""
    return rendered(tmp_path_factory.mktemp(request.param) / "made", request.param)


@pytest.fixture(scope="session")
def by_overlay(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    """The objects of all overlays, by their names."""
    return {
        name: rendered(tmp_path_factory.mktemp(name) / "made", name) for name in rendering.OVERLAYS
    }
