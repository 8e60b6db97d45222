"""The deploy files agree with each other, with the folders, and with what platforms accept."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from emulators.gateway.apis.kubernetes import resources
from emulators.gateway.specs import durations
from emulators.gateway.specs.checks import ANNOTATION
from functions.kit.contract import steps
from functions.kit.contract.access.api_key import FIRST_KEY, STEP_SECRET
from functions.kit.http.api import MAY_CALL
from functions.kit.http.routing import step_routes
from infra.local import settings
from infra.local.deploying import manifests
from infra.local.deploying.envsubst import expand
from infra.local.errors import LocalError
from infra.local.stack.parts import function_env

ROOT = settings.ROOT
SCALE = "com.openfaas.scale."
CHECK = "dev.mayfly.async-check"
REGISTRY = "localhost:5000/"  # which is nobody's on a public hub
ADDED = "step_routes.add("
EVERY_FIVE, FIVE = "*/5 * * * *", 300.0
KPA = "autoscaling.knative.dev/"


def all_services() -> dict[str, dict[str, Any]]:
    found = manifests.services(manifests.load(manifests.KNATIVE))
    assert found, f"no Service in {manifests.KNATIVE}"
    return {service["metadata"]["name"]: service for service in found}


def services() -> dict[str, dict[str, Any]]:
    """Return the Services that speak HTTP, a function each."""
    return {name: one for name, one in all_services().items() if not name.endswith("-grpc")}


def openfaas(file: str = "stack.yaml") -> dict[str, dict[str, Any]]:
    text = (ROOT / "infra/openfaas" / file).read_text()
    functions: dict[str, dict[str, Any]] = yaml.safe_load(expand(text, {}))["functions"]
    return functions


def _described(service: dict[str, Any]) -> dict[str, Any]:
    """Return what both kinds of file say of a function."""
    template = service["spec"]["template"]
    annotations, spec = template["metadata"]["annotations"], template["spec"]
    container = spec["containers"][0]
    return {
        "image": container["image"],
        "resources": container["resources"],
        "environment": {each["name"]: each["value"] for each in container.get("env", ())},
        "max": annotations[f"{KPA}max-scale"],
        "idle": annotations[f"{KPA}window"],
        "target": annotations.get(f"{KPA}target"),
        "zero": annotations[f"{KPA}min-scale"] == "0",
        "check": annotations[CHECK],
    }


def test_openfaas_and_knative_say_the_same() -> None:
    expected = {name: _described(service) for name, service in services().items()}
    found = {
        name: {
            "image": function["image"].removeprefix(REGISTRY).removesuffix(":latest"),
            "resources": {"requests": function["requests"], "limits": function["limits"]},
            "environment": function.get("environment", {}),
            "max": function["labels"][f"{SCALE}max"],
            "idle": function["labels"][f"{SCALE}zero-duration"],
            "target": function["labels"].get(f"{SCALE}target"),
            "zero": function["labels"][f"{SCALE}zero"] == "true",
            "check": function["annotations"][CHECK],
        }
        for name, function in openfaas().items()
    }
    assert found == expected


def functions_with_steps() -> list[str]:
    """Return the functions whose code registers the routes of steps."""
    files = [*(ROOT / "functions").glob("*/main.py"), *(ROOT / "functions").glob("*/*/routes.py")]
    found = {file.relative_to(ROOT).parts[1] for file in files if ADDED in file.read_text()}
    return sorted(found)


def test_every_function_with_steps_has_a_trigger_for_its_hints() -> None:
    triggers = [one for one in manifests.load(manifests.KNATIVE) if one["kind"] == "Trigger"]
    found = {
        one["spec"]["filter"]["attributes"]["function"]: one["spec"]
        for one in triggers
        if one["spec"]["filter"]["attributes"]["type"] == steps.EVENT_TYPE
    }
    assert sorted(found) == functions_with_steps()
    for name, spec in found.items():
        subscriber = spec["subscriber"]
        assert (subscriber["ref"]["name"], subscriber["uri"]) == (name, step_routes.EVENTS)
        assert spec["broker"] == "default"


def test_every_function_that_looks_now_and_then_has_a_schedule_on_every_platform() -> None:
    sources = [one for one in manifests.load(manifests.KNATIVE) if one["kind"] == "PingSource"]
    sinks = {one["spec"]["sink"]["ref"]["name"]: one["spec"]["sink"]["uri"] for one in sources}
    assert sinks == dict.fromkeys(functions_with_steps(), step_routes.OVERDUE)
    annotated = {
        name: function["annotations"]["schedule"]
        for name, function in openfaas().items()
        if function["annotations"].get("topic") == "cron-function"
    }
    schedules = {one["spec"]["sink"]["ref"]["name"]: one["spec"]["schedule"] for one in sources}
    usual = dict.fromkeys(functions_with_steps(), EVERY_FIVE)
    assert annotated == schedules == usual
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    _, _, _, _, seconds, *urls = compose["services"]["schedule"]["command"]
    gateway = "http://gateway:8080/function"
    wanted = [f"{gateway}/{name}{step_routes.OVERDUE}" for name in functions_with_steps()]
    assert (urls, float(seconds)) == (wanted, FIVE)


def test_a_function_without_work_sleeps_for_most_of_the_time_between_two_looks() -> None:
    windows = {
        name: service["spec"]["template"]["metadata"]["annotations"][f"{KPA}window"]
        for name, service in services().items()
    }
    zeros = {
        name: function["labels"][f"{SCALE}zero-duration"]
        for name, function in openfaas().items()
        if f"{SCALE}zero-duration" in function.get("labels", {})
    }
    for name in functions_with_steps():
        for awake in (windows[name], zeros[name]):
            assert durations.seconds(awake, name) <= FIVE / 2


def test_every_function_s_callers_are_checked_at_the_route_that_the_kit_has() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    variables = compose["services"]["gateway"]["environment"]
    assert f"{CHECK}={MAY_CALL}" in variables["MAYFLY_STATIC_ANNOTATIONS"].split(",")
    assert CHECK == ANNOTATION
    assert {_described(service)["check"] for service in services().values()} == {MAY_CALL}


def test_every_function_folder_has_a_deploy_file_and_the_other_way_round() -> None:
    folders = {path.parent.name for path in ROOT.glob("functions/*/requirements.txt")} - {"kit"}

    assert set(services()) == folders
    assert {p.stem for p in manifests.KNATIVE.glob("*.yaml")} - {"kustomization"} == set(
        all_services()
    )
    assert all(_described(found)["image"] == f"mayfly/{name}" for name, found in services().items())


def test_a_function_s_second_protocol_is_a_service_of_the_same_image() -> None:
    """OpenFaaS passes no gRPC; a container of compose is reached by the port that it publishes."""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    found = {name: one for name, one in all_services().items() if name not in services()}
    assert set(found) == {"prediction-grpc"}
    for name, service in found.items():
        [container] = service["spec"]["template"]["spec"]["containers"]
        [port] = container["ports"]
        assert (
            container["image"] == f"mayfly/{name.removesuffix('-grpc')}" == compose[name]["image"]
        )
        assert port["name"] == manifests.GRPC
        assert port["containerPort"] == settings.from_env({}).grpc.number
        said = {each["name"]: each["value"] for each in container["env"]}
        assert said["MAYFLY_SERVES"] == "grpc"
        assert compose[name]["environment"].items() >= said.items()
        assert name not in openfaas()


def test_configuration_and_secrets_come_from_outside() -> None:
    for service in all_services().values():
        container = service["spec"]["template"]["spec"]["containers"][0]
        assert container["envFrom"] == [
            {"configMapRef": {"name": "mayfly"}},
            {"secretRef": {"name": "mayfly"}},
        ]
        assert {each["name"] for each in container.get("env", ())} <= {"THREADS", "MAYFLY_SERVES"}


def test_openfaas_gets_the_environment_that_the_launcher_gives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = yaml.safe_load((ROOT / "infra/openfaas/env.yaml").read_text())

    assert found["environment"] == function_env(settings.from_env({}))


def test_knative_accepts_the_limits() -> None:
    for service in services().values():
        spec = service["spec"]["template"]["spec"]
        assert 0 < spec["timeoutSeconds"] <= 600
        assert 0 <= spec["containerConcurrency"] <= 1000


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: [", r'is not YAML: .* in ".*wrong\.yaml", line 1'),
        ("- 1", "a mapping is wanted"),
        ("a: 1\nb: {c: 1, c: 2}\n", r'the key .c. stands twice in ".*", line 2'),
        ("kind: Service\napiVersion: serving.knative.dev/v1\n", "metadata.name is missing"),
        ("kind: Deployment\napiVersion: apps/v1\n", "holds no Knative Service"),
        (
            "kind: Parallel\napiVersion: flows.knative.dev/v1\n",
            "document 1: Parallel of flows.knative.dev/v1 is not taken",
        ),
    ],
)
def test_a_wrong_file_is_named_with_the_reason(tmp_path: Path, text: str, reason: str) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(text)

    with pytest.raises(LocalError, match=reason) as caught:
        manifests.load(file)
    assert "wrong.yaml" in str(caught.value)


def test_eventing_files_come_after_the_services_that_they_name(tmp_path: Path) -> None:
    kinds = [found["kind"] for found in manifests.load(manifests.KNATIVE)]
    order = ["Service", "Broker", "Trigger", "PingSource"]
    assert list(dict.fromkeys(kinds)) == order
    assert kinds == sorted(kinds, key=order.index)
    head = "apiVersion: eventing.knative.dev/v1\nmetadata: {name: x}\nkind: "
    (tmp_path / "a.yaml").write_text(f"{head}Trigger\n---\n{head}Broker\n")
    assert [found["kind"] for found in manifests.load(tmp_path)] == ["Broker", "Trigger"]


def test_every_kind_of_eventing_that_the_gateway_stores_is_taken() -> None:
    groups = {resources.EVENTING, resources.MESSAGING, resources.FLOWS, resources.SOURCES}
    every = [one for one in vars(resources).values() if isinstance(one, resources.Resource)]
    stored = {
        (f"{one.group}/{one.version}", one.kind): one.plural for one in every if one.group in groups
    }
    assert len(stored) == 8
    assert stored.items() <= manifests.PLURALS.items()


def test_a_folder_with_main_py_becomes_a_service(tmp_path: Path) -> None:
    folder = tmp_path / "Hello_World"
    folder.mkdir()
    (folder / "main.py").touch()

    (service,) = manifests.load(folder)

    assert service["metadata"]["name"] == "hello-world"
    image = service["spec"]["template"]["spec"]["containers"][0]["image"]
    assert image == str(folder)


SERVICE = """
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: hello}
spec: {template: {spec: {containers: [{image: IMAGE}]}}}
"""


@pytest.mark.parametrize(
    ("image", "code", "expected"),
    [
        (
            "registry.example/knative/hello-world:latest",
            "hello-world",
            "hello-world",
        ),
        ("registry.example/someone/hello@sha256:ab", "hello", "hello"),
        ("registry.example/knative/hello-world", ".", "."),
        ("registry.example/mayfly/models:1", "models", None),
        ("registry.example/knative/helloworld-go", "other", None),
    ],
)
def test_code_beside_a_service_s_file_stands_for_its_image(
    tmp_path: Path, image: str, code: str, expected: str | None
) -> None:
    (tmp_path / code).mkdir(exist_ok=True)
    (tmp_path / code / "main.py").touch()
    file = tmp_path / "service.yaml"
    file.write_text(SERVICE.replace("IMAGE", image))

    (service,) = manifests.load(file)

    found = service["spec"]["template"]["spec"]["containers"][0]["image"]
    assert found == (image if expected is None else str((tmp_path / expected).resolve()))


def test_a_folder_s_own_service_file_says_how_it_is_deployed(tmp_path: Path) -> None:
    (tmp_path / "main.py").touch()
    (tmp_path / "service.yaml").write_text(SERVICE.replace("IMAGE", "hello:1"))

    (service,) = manifests.load(tmp_path)

    assert service["metadata"]["name"] == "hello"
    image = service["spec"]["template"]["spec"]["containers"][0]["image"]
    assert image == str(tmp_path.resolve())


def test_a_file_that_the_command_names_is_code_too(tmp_path: Path) -> None:
    (tmp_path / "app.py").touch()
    file = tmp_path / "service.yaml"
    image = "registry.example/app"
    file.write_text(SERVICE.replace("IMAGE", f"{image}, command: [python, app.py]"))
    (service,) = manifests.load(file)
    assert service["spec"]["template"]["spec"]["containers"][0]["image"] == str(tmp_path.resolve())
    file.write_text(SERVICE.replace("IMAGE", f"{image}, command: [python, other.py]"))
    (service,) = manifests.load(file)
    assert service["spec"]["template"]["spec"]["containers"][0]["image"] == image


def test_the_time_that_openfaas_must_leave_is_what_knative_gives() -> None:
    text = (ROOT / "infra/openfaas/README.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \|$", text, re.MULTILINE)
    given = {n: str(s["spec"]["template"]["spec"]["timeoutSeconds"]) for n, s in services().items()}
    assert dict(rows) == given
    limit = int(re.search(r"upstreamTimeout=(\d+)s", text)[1])  # type: ignore[index]
    assert limit > max(map(int, given.values()))
    for longer in re.findall(r"(?:readTimeout|writeTimeout|ackWait)=(\d+)s", text):
        assert int(longer) > limit


def test_no_stack_file_promises_what_no_part_keeps() -> None:
    """The images have no watchdog, so its variables would say nothing."""
    for name in ("stack.yaml", "stack.ce.yaml"):
        for function in openfaas(name).values():
            assert not {"exec_timeout", "read_timeout", "write_timeout", "fprocess"} & set(
                function.get("environment", {})
            )


def test_stack_files_and_compose_name_the_secrets_of_the_kit() -> None:
    names = {STEP_SECRET[1], FIRST_KEY[1]}
    for name in ("stack.yaml", "stack.ce.yaml"):
        assert all(set(function["secrets"]) == names for function in openfaas(name).values())
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    made = compose["services"]["secrets"]["command"][-1]
    assert all(f"/run/mayfly/functions/{name}\n" in made for name in names)


@pytest.mark.parametrize("platform", ["openfaas", "knative"])
def test_a_readme_s_demo_has_a_key_that_a_command_before_it_made(platform: str) -> None:
    text = (ROOT / "infra" / platform / "README.md").read_text()
    commands = re.findall(r"\./mayfly (setup|demo) .*?--key-file (\S+)", text)
    assert commands == [("setup", "key"), ("demo", "key")]
