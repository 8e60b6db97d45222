"""What platforms tell containers is what these read, and what they read is right."""

from functools import cache
from typing import Any

import pytest
import yaml

from functions.kit.adapters.calls.function_addresses import FunctionAddresses
from functions.kit.adapters.config import Settings
from infra.local.settings import ROOT
from infra.local.targets import cloud_run, described
from infra.local.targets.asked import Asked
from infra.local.targets.aws import functions_on_lambda, tasks
from infra.local.targets.kubernetes import objects
from tests.unit.infra.targets.conftest import SITE
from tests.unit.infra.targets.test_kubernetes import Objects, of, pods
from web import settings as web

SECRETS = {"MAYFLY_STEP_SECRET": "s" * 43, "MAYFLY_FIRST_KEY": "0" * 64}
# Read by libraries.
THEIRS = {"GOOGLE_APPLICATION_CREDENTIALS", "STORAGE_EMULATOR_HOST", "FIRESTORE_EMULATOR_HOST"}


@cache
def sources() -> str:
    folders = ("functions", "web", "emulators")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return "\n".join(path.read_text() for path in files if "node_modules" not in path.parts)


def read_by_somebody(names: set[str]) -> None:
    assert names
    unknown = {name for name in names - THEIRS if f'"{name}"' not in sources()}
    assert unknown == set()


def told(found: Objects, name: str) -> dict[str, str]:
    """Return the variables of a part's container, but for those of secrets."""
    [container] = pods(found)[name]["spec"]["containers"]
    maps = of(found, "ConfigMap")
    variables: dict[str, str] = {}
    for each in container.get("envFrom", ()):
        if "configMapRef" in each:
            variables |= maps[each["configMapRef"]["name"]]["data"]
    return variables | {each["name"]: each["value"] for each in container.get("env", ())}


def test_kubernetes_tells_what_is_read(overlay: Objects) -> None:
    names = {name for part in pods(overlay) for name in told(overlay, part)}
    read_by_somebody(names)
    for secret in yaml.safe_load_all((ROOT / "infra/kubernetes/secrets.yaml").read_text()):
        if secret["metadata"]["name"] == objects.CONFIG:
            read_by_somebody(set(secret["stringData"]))


def test_functions_on_kubernetes_find_each_other_and_the_gateway(overlay: Objects) -> None:
    services = of(overlay, "Service")
    for function in described.functions():
        env = told(overlay, function.name) | SECRETS
        settings, addresses = Settings.from_env(env), FunctionAddresses.from_env(env)
        assert addresses.url("accounts", "/me") == "http://accounts/me"
        [port] = services["accounts"]["spec"]["ports"]
        assert port["port"] == 80
        assert (settings.gateway_url, settings.queue) == ("http://gateway:8080", "openfaas")
        assert 8080 in {port["port"] for port in services["gateway"]["spec"]["ports"]}


def test_the_pages_on_kubernetes_know_their_names(by_overlay: dict[str, Objects], tmp_path) -> None:
    (tmp_path / "secret").write_text("signs")
    in_cluster = "web.mayfly.svc.cluster.local"  # as Prometheus calls them
    prod = (SITE["WEB_HOST"], in_cluster)
    for name, hosts, proxies in (("dev", ("web",), 0), ("prod", prod, 1)):
        env = told(by_overlay[name], "web")
        mine = {
            "MAYFLY_WEB_SECRET_FILE": str(tmp_path / "secret"),
            "MAYFLY_GATEWAY_PASSWORD_FILE": str(tmp_path / "secret"),
        }
        found = web.Settings.from_env(env | mine)
        assert (found.hosts, found.proxies) == (hosts, proxies)


def test_clouds_tell_what_is_read(tmp_path) -> None:
    asked = Asked(tmp_path, function_url="https://{name}-1.r.run.app{path}")
    by_google = cloud_run._variables(asked, "a-project")
    on_lambda = functions_on_lambda.template()["Metadata"]["Variables"]
    on_ecs = tasks.template()["Metadata"]
    read_by_somebody({*by_google, *on_lambda, *on_ecs["Variables"], *on_ecs["Secrets"]})
    for part in on_ecs["Parts"].values():
        read_by_somebody({*part.get("environment", {}), "MAYFLY_STATIC_FUNCTIONS"})
    settings = Settings.from_env(by_google | SECRETS)
    assert settings.queue == "pubsub"
    assert settings.broker_url.endswith("/projects/a-project/topics/mayfly-steps")
    addresses = FunctionAddresses.from_env(by_google)
    assert addresses.url("models", "/x") == "https://models-1.r.run.app/x"


@pytest.mark.parametrize("file", ["run.tf", "main.tf"])
def test_terraform_tells_what_is_read(file: str) -> None:
    text = (ROOT / "infra/cloud/gcp" / file).read_text()
    names = {word for word in text.replace('"', " ").split() if word.startswith("MAYFLY_")}
    read_by_somebody(names)


def test_the_names_themselves_are_looked_for() -> None:
    with pytest.raises(AssertionError):
        read_by_somebody({"MAYFLY_NOBODY_READS"})


def test_what_a_plain_function_is_told_is_not_another_s(overlay: Any) -> None:
    assert told(overlay, "prediction")["THREADS"] == "1"
    assert "THREADS" not in told(overlay, "training")
    assert told(overlay, "prediction-grpc")["MAYFLY_SERVES"] == "grpc"
