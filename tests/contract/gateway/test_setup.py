"""`./mayfly setup --kubernetes`, by the real kubectl."""

import base64
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from functions.kit.contract.access.api_key import digest
from infra.local.cli import mayfly
from infra.local.deploying import manifests


@pytest.fixture
def config(kubectl: Any) -> str:
    kubectl("delete", "secret", "mayfly", "--ignore-not-found")
    return str(kubectl.gateway.data / "kubeconfig")


def setup(config: str, *words: str) -> Result:
    words = ("setup", "--kubernetes", *words)
    return CliRunner().invoke(mayfly, words, env={"KUBECONFIG": config})


def held(kubectl: Any) -> dict[str, str]:
    data = kubectl.read("secret", "mayfly")["data"]
    return {key: base64.b64decode(value).decode() for key, value in data.items()}


def test_it_is_applied_once_and_a_rotation_replaces_it(kubectl: Any, config: str) -> None:
    first = setup(config, "--apply")
    assert first.exit_code == 0, first.output
    secret = held(kubectl)
    assert secret["MAYFLY_FIRST_KEY"] == digest(first.stdout.strip())
    again = setup(config, "--apply")
    assert (again.exit_code, again.stdout) == (0, "")
    assert "there already (--rotate replaces it)" in again.stderr
    assert held(kubectl) == secret
    rotated = setup(config, "--apply", "--rotate")
    assert held(kubectl)["MAYFLY_FIRST_KEY"] == digest(rotated.stdout.strip())
    assert held(kubectl)["MAYFLY_STEP_SECRET"] != secret["MAYFLY_STEP_SECRET"]


def test_what_a_cluster_has_stays_and_what_it_lacks_is_added(kubectl: Any, config: str) -> None:
    kubectl("create", "secret", "generic", "mayfly", "--from-literal=MAYFLY_STEP_SECRET=mine")
    done = setup(config, "--apply")
    assert held(kubectl) == {
        "MAYFLY_STEP_SECRET": "mine",
        "MAYFLY_FIRST_KEY": digest(done.stdout.strip()),
    }


def test_the_manifest_that_is_told_is_what_the_services_read(
    kubectl: Any, config: str, tmp_path: Path
) -> None:
    told = setup(config, "--key-file", str(tmp_path / "key"))
    manifest = yaml.safe_load(told.stdout)
    kubectl.apply(told.stdout)
    assert held(kubectl) == manifest["stringData"]
    key = (tmp_path / "key").read_text().strip()
    assert manifest["stringData"]["MAYFLY_FIRST_KEY"] == digest(key)
    for service in manifests.services(manifests.load(manifests.KNATIVE)):
        (container,) = service["spec"]["template"]["spec"]["containers"]
        names = [one["secretRef"]["name"] for one in container["envFrom"] if "secretRef" in one]
        assert manifest["metadata"]["name"] in names


def test_a_cluster_that_is_away_is_told(tmp_path: Path) -> None:
    done = setup(str(tmp_path / "none"), "--apply")
    assert done.exit_code == 1
    assert "kubectl get secret" in done.output


@pytest.mark.parametrize(
    "words",
    [[], ["--gateway", "http://x", "--kubernetes"], ["--gateway", "http://x", "--apply"],
     ["--kubernetes"]],
)  # fmt: skip
def test_what_is_not_said_right(words: list[str]) -> None:
    assert CliRunner().invoke(mayfly, ["setup", *words]).exit_code == 2


def test_no_key_is_told_where_another_one_counts(kubectl: Any, config: str, tmp_path: Path) -> None:
    known = digest("mfk_another")
    kubectl("create", "secret", "generic", "mayfly", f"--from-literal=MAYFLY_FIRST_KEY={known}")
    done = setup(config, "--apply", "--key-file", str(tmp_path / "key"))
    assert done.exit_code == 0, done.output
    assert held(kubectl)["MAYFLY_FIRST_KEY"] == known
    assert held(kubectl)["MAYFLY_STEP_SECRET"]
    assert not (tmp_path / "key").exists()
    assert "the API key is in" not in done.stderr
