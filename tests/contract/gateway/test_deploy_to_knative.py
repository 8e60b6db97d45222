"""`./mayfly deploy --to knative` by the real kubectl; and all secrets of a namespace."""

import base64
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from functions.kit.contract.access.api_key import digest
from infra.local.cli import mayfly
from infra.local.deploying import secret_templates
from infra.local.errors import LocalError
from infra.local.targets import described, running
from infra.local.targets.asked import Asked
from infra.local.targets.kubernetes import planning
from infra.local.targets.plan import Plan

REGISTRY = "registry.example.org/you/mayfly"


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    config = tmp_path / "my.env"
    config.write_text("GOOGLE_CLOUD_PROJECT=a-project\nMAYFLY_BUCKET=a-bucket\n")
    made = tmp_path / "made"
    asked = Asked(made, registry=REGISTRY, tag="1", config=config, build=False, demo=False)
    return planning.knative(asked)


def test_what_is_applied_is_what_the_cluster_takes(kubectl: Any, plan: Plan) -> None:
    said = "".join(
        kubectl(*step.words[1:], "--dry-run=server")
        for step in plan.steps
        if step.words[:2] == ("kubectl", "apply")
    )
    for function in described.functions():
        assert f"service.serving.knative.dev/{function.name} created (server dry run)" in said
        if function.steps:
            assert f"pingsource.sources.knative.dev/{function.name}-overdue created" in said
    assert "configmap/mayfly created (server dry run)" in said
    assert "broker.eventing.knative.dev/default created" in said


def test_a_cluster_that_answers_is_told_from_one_that_does_not(
    kubectl: Any, plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [login] = plan.logins
    monkeypatch.setenv("KUBECONFIG", str(kubectl.gateway.data / "kubeconfig"))
    running._check_login(login)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    with pytest.raises(LocalError, match=r"No Knative Serving answers kubectl \(.*use-context"):
        running._check_login(login)


def setup(kubectl: Any, folder: Path, *words: str) -> Result:
    given = ["setup", "--kubernetes", "--all", "--apply", "-n", "default"]
    env = {"KUBECONFIG": str(kubectl.gateway.data / "kubeconfig")}
    key = ["--key-file", str(folder / "key")]
    return CliRunner().invoke(mayfly, [*given, *key, *words], env=env)


def held(kubectl: Any) -> dict[str, dict[str, str]]:
    found = {}
    for name in secret_templates.names():
        data = kubectl.read("secret", name)["data"]
        found[name] = {key: base64.b64decode(value).decode() for key, value in data.items()}
    return found


def test_all_secrets_are_made_once_and_what_is_lost_is_made_again(
    kubectl: Any, tmp_path: Path
) -> None:
    for name in secret_templates.names():
        kubectl("delete", "secret", name, "--ignore-not-found")
    first = setup(kubectl, tmp_path)
    assert first.exit_code == 0, first.output
    secrets, key = held(kubectl), (tmp_path / "key").read_text().strip()
    assert secrets["mayfly"]["MAYFLY_FIRST_KEY"] == digest(key)
    assert secrets["mayfly-web"]["key"] == key
    assert "there already" in setup(kubectl, tmp_path).stderr
    assert held(kubectl) == secrets
    kubectl("delete", "secret", "mayfly-queue")
    assert setup(kubectl, tmp_path).exit_code == 0
    after = held(kubectl)
    assert after.pop("mayfly-queue") != secrets.pop("mayfly-queue")
    assert after == secrets
    kubectl("delete", "secret", "mayfly-queue")
    (tmp_path / "key").unlink()
    refused = setup(kubectl, tmp_path)
    assert refused.exit_code == 1
    assert "another first key" in refused.output
    assert not (tmp_path / "key").exists(), "a key that counts nowhere is left behind"
