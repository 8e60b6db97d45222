"""What the launcher tells each part of the platform that the plane is."""

import os
from pathlib import Path

import pytest

from emulators.gateway.settings import from_arguments
from functions.kit.adapters.calls.function_addresses import FunctionAddresses
from infra.local import settings
from infra.local.errors import LocalError
from infra.local.platforms import PLATFORMS, VARIABLES
from infra.local.stack import daemon, home, parts, product
from infra.local.stack.runfile import Run, RunFile
from infra.local.system.processes import identify
from tests.unit.infra.test_commands import call

BROKER = "http://127.0.0.1:8080/broker/default/default"


def of(platform: str, folder: Path) -> settings.Settings:
    found = settings.from_env({"MAYFLY_HOME": str(folder), "MAYFLY_PLATFORM": platform})
    for file in (found.password_file, found.nats_token_file):
        file.write_text("word")
    return found


@pytest.mark.parametrize("platform", PLATFORMS)
def test_functions_pages_and_clients_call_the_same_addresses(platform: str, tmp_path: Path) -> None:
    stack = of(platform, tmp_path)
    for env in (parts.function_env(stack), parts.all_parts(stack)["web"].env):
        told = FunctionAddresses.from_env(env)
        assert told.url("a", "/x") == stack.addresses.url("a", "/x")
        assert told.ingress == stack.addresses.ingress


def test_knative_alone_goes_by_hosts_and_queues_by_the_broker(tmp_path: Path) -> None:
    env = parts.function_env(of("knative", tmp_path))
    assert {key: env[key] for key in VARIABLES} == {
        "MAYFLY_FUNCTION_URL": "http://{name}.{namespace}.svc.cluster.local{path}",
        "MAYFLY_NAMESPACE": "default",
        "MAYFLY_INGRESS": "127.0.0.1:8080",
        "MAYFLY_QUEUE": "broker",
        "MAYFLY_BROKER_URL": BROKER,
    }


@pytest.mark.parametrize(
    ("platform", "apis", "edition"),
    [
        ("local", {"openfaas", "knative"}, "pro"),
        ("openfaas", {"openfaas"}, "pro"),
        ("openfaas-ce", {"openfaas"}, "ce"),
        ("knative", {"knative"}, "pro"),
    ],
)
def test_the_gateway_is_what_the_platform_is(
    platform: str, apis: set[str], edition: str, tmp_path: Path
) -> None:
    env = parts.all_parts(of(platform, tmp_path))["gateway"].env
    found = from_arguments(["--data", str(tmp_path)], env)
    assert set(found.apis) == apis
    assert str(found.edition) == edition


def test_what_is_set_for_another_system_reaches_no_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAYFLY_FUNCTION_URL", "https://{name}.example{path}")
    for part in parts.all_parts(of("local", tmp_path)).values():
        assert "MAYFLY_FUNCTION_URL" not in part.env


def test_another_platform_leaves_nothing_of_the_former(tmp_path: Path) -> None:
    configmap = tmp_path / "data" / "gateway" / "configmaps" / "mayfly"
    home.prepare(of("knative", tmp_path))
    assert (configmap / "MAYFLY_QUEUE").read_text() == "broker"
    (configmap / "OWN").write_text("a user's")

    stack = of("local", tmp_path)
    home.prepare(stack)

    kept = {file.name: file.read_text() for file in configmap.iterdir()}
    assert kept == {**parts.function_env(stack), "OWN": "a user's"}


def test_functions_are_told_what_they_may_reach_until_it_is_said_no_more(tmp_path: Path) -> None:
    told = tmp_path / "data" / "gateway" / "configmaps" / "mayfly" / "MAYFLY_ALLOWED_ADDRESSES"
    stack = of("local", tmp_path)
    env = {"MAYFLY_HOME": str(tmp_path), "MAYFLY_ALLOWED_ADDRESSES": "127.0.0.1:5432"}
    home.prepare(settings.from_env(env))
    assert told.read_text() == "127.0.0.1:5432"
    home.prepare(stack)
    assert not told.exists()


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_same_functions_are_deployed_everywhere(platform: str, tmp_path: Path) -> None:
    stack = of(platform, tmp_path)
    by_grpc = {"prediction-grpc"} if stack.platform.has_knative else set()
    functions = {
        "accounts",
        "datasets",
        "models",
        "monitoring",
        "prediction",
        "reports",
        "training",
    }
    assert set(product.names(stack)) == functions | by_grpc
    assert bool(product.objects(stack)) is not bool(product.requests(stack))


def test_the_port_of_grpc_is_a_stack_s_own(tmp_path: Path) -> None:
    stack = settings.from_env({"MAYFLY_HOME": str(tmp_path), "MAYFLY_GRPC_PORT": "9999"})
    [ports] = [
        container["ports"]
        for item in product.objects(stack)
        if item["metadata"]["name"] == "prediction-grpc"
        for container in item["spec"]["template"]["spec"]["containers"]
    ]
    assert ports == [{"name": "h2c", "containerPort": 9999}]
    assert stack.grpc in parts.all_parts(stack)["gateway"].ports
    assert stack.grpc not in parts.all_parts(of("openfaas", tmp_path))["gateway"].ports


def test_the_community_edition_is_asked_for_no_scaling(tmp_path: Path) -> None:
    def labels(platform: str) -> set[str]:
        found = product.requests(of(platform, tmp_path))
        return {label for request in found for label in request.get("labels", {})}

    assert any(label.startswith("com.openfaas.scale.") for label in labels("openfaas"))
    assert not any(label.startswith("com.openfaas.scale.") for label in labels("openfaas-ce"))
    for request in product.requests(of("openfaas-ce", tmp_path)):
        assert request["envVars"].items() >= parts.function_env(of("openfaas-ce", tmp_path)).items()


def test_other_commands_find_the_platform_by_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    me = identify(os.getpid())
    assert me is not None
    monkeypatch.setenv("MAYFLY_HOME", str(tmp_path))
    RunFile(tmp_path).write(Run(me, "ready", platform="knative"))
    assert daemon.current().platform is PLATFORMS["knative"]
    RunFile(tmp_path).clear()
    assert daemon.current().platform is PLATFORMS["local"]


def test_a_platform_that_there_is_not_is_named(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="MAYFLY_PLATFORM='cloud' is no platform: give one of l"):
        of("cloud", tmp_path)
    assert "'cloud' is not one of 'local'" in call(tmp_path, "up", "--platform", "cloud").output


def test_sources_are_watched_where_knative_is(tmp_path: Path) -> None:
    found = call(tmp_path, "up", "--watch", "--platform", "openfaas")
    assert found.exit_code == 1
    assert "--watch deploys by Knative's API, which openfaas has not" in found.output
