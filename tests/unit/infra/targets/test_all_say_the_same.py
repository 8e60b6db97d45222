"""Every platform says of a function what infra/knative says, in its own words."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from functions.kit.http.routing import step_routes
from infra.local import settings
from infra.local.deploying import manifests
from infra.local.errors import LocalError
from infra.local.targets import cloud_run, described
from infra.local.targets.asked import Asked
from infra.local.targets.aws import functions_on_lambda, sizes, tasks
from infra.local.targets.aws.skeletons import logical
from infra.local.targets.catalogue import TARGETS
from infra.local.targets.described import Function
from infra.local.targets.kubernetes import objects, rendering
from tests.support.terraform import running
from tests.unit.infra.test_manifests import all_services, functions_with_steps

GCP = settings.ROOT / "infra" / "cloud" / "gcp"
FUNCTIONS = {function.name: function for function in described.functions()}
BY_HTTP = {name: one for name, one in FUNCTIONS.items() if not one.grpc}


def facts(function: Function) -> dict[str, Any]:
    return {
        "image": function.image,
        "port": function.port,
        "environment": dict(function.environment),
        "memory": sizes.mebibytes(function.limits["memory"]),
        "timeout": function.timeout,
        "most": function.most,
        "schedule": function.schedule,
    }


EXPECTED = {name: facts(function) for name, function in FUNCTIONS.items()}


def test_the_description_is_the_knative_service() -> None:
    services = all_services()
    assert FUNCTIONS.keys() == services.keys()
    for name, function in FUNCTIONS.items():
        template = services[name]["spec"]["template"]
        [container] = template["spec"]["containers"]
        notes = template["metadata"]["annotations"]
        scale = "autoscaling.knative.dev/"
        assert function.image == container["image"]
        assert function.limits == container["resources"]["limits"]
        assert function.requests == container["resources"]["requests"]
        assert function.security == container["securityContext"]
        assert function.timeout == template["spec"]["timeoutSeconds"]
        assert str(function.least) == notes[f"{scale}min-scale"]
        assert str(function.most) == notes[f"{scale}max-scale"]
        assert function.grpc == name.endswith("-grpc")
        assert all(notes[key] == text for key, text in function.annotations.items())
    assert sorted(name for name, one in FUNCTIONS.items() if one.steps) == functions_with_steps()
    assert {one.overdue for one in FUNCTIONS.values() if one.steps} == {step_routes.OVERDUE}


def test_kubernetes() -> None:
    found: dict[str, dict[str, Any]] = {}
    for item in rendering.made():
        name = item["metadata"]["name"].removesuffix("-overdue")
        held = found.setdefault(name, {"schedule": ""})
        if item["kind"] == "Deployment":
            [container] = item["spec"]["template"]["spec"]["containers"]
            variables = {each["name"]: each["value"] for each in container["env"]}
            held |= {
                "image": container["image"],
                "port": int(variables.pop("PORT")),
                "environment": variables,
                "memory": sizes.mebibytes(container["resources"]["limits"]["memory"]),
                "timeout": item["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
                - objects.DRAIN_SECONDS,
            }
        elif item["kind"] == "HorizontalPodAutoscaler":
            held |= {"most": item["spec"]["maxReplicas"]}
            assert 1 <= item["spec"]["minReplicas"] <= held["most"]
        elif item["kind"] == "CronJob":
            held |= {"schedule": item["spec"]["schedule"]}
    del found[rendering.GATEWAY]
    assert found == EXPECTED


def test_cloud_run() -> None:
    found = {}
    for name, function in FUNCTIONS.items():
        made = cloud_run.service(function, function.image, "p", {})
        template = made["spec"]["template"]
        [container] = template["spec"]["containers"]
        variables = {e["name"]: e["value"] for e in container["env"] if "value" in e}
        found[name] = {
            "image": container["image"],
            "port": container["ports"][0]["containerPort"],
            "environment": variables,
            "memory": sizes.mebibytes(container["resources"]["limits"]["memory"]),
            "timeout": template["spec"]["timeoutSeconds"],
            "most": int(template["metadata"]["annotations"]["autoscaling.knative.dev/maxScale"]),
            "schedule": function.schedule,  # Cloud Scheduler's, which Terraform and setup.sh make
        }
    assert found == EXPECTED


def test_ecs() -> None:
    template = tasks.template()
    resources, everyone = template["Resources"], template["Metadata"]["Variables"]
    found = {}
    for name in FUNCTIONS:
        task = resources[f"{logical(name)}Task"]["Properties"]
        [container] = task["ContainerDefinitions"]
        variables = {e["Name"]: e["Value"] for e in container["Environment"]}
        assert variables.items() >= everyone.items()
        assert int(task["Memory"]) >= EXPECTED[name]["memory"]
        rule = resources.get(f"{logical(name)}Overdue")
        found[name] = {
            "image": _image(container["Image"]),
            "port": int(variables["PORT"]),
            "environment": {k: v for k, v in variables.items() if k not in {*everyone, "PORT"}},
            "memory": EXPECTED[name]["memory"],
            "timeout": EXPECTED[name]["timeout"],  # the balancer's, which has one for all
            "most": resources[f"{logical(name)}Scales"]["Properties"]["MaxCapacity"],
            "schedule": _cron(rule),
        }
    assert found == EXPECTED
    idle = {
        each["Key"]: each["Value"]
        for each in resources["Balancer"]["Properties"]["LoadBalancerAttributes"]
    }
    assert int(idle["idle_timeout.timeout_seconds"]) > max(e["timeout"] for e in EXPECTED.values())


def test_lambda() -> None:
    template = functions_on_lambda.template()
    resources, everyone = template["Resources"], template["Metadata"]["Variables"]
    found = {}
    for name in BY_HTTP:
        properties = resources[f"{logical(name)}Function"]["Properties"]
        variables = properties["Environment"]["Variables"]
        assert variables.keys() >= everyone.keys()
        found[name] = {
            "image": _image(properties["Code"]["ImageUri"]).removesuffix("-lambda"),
            "port": FUNCTIONS[name].port,  # none: events come in
            "environment": dict(FUNCTIONS[name].environment),
            "memory": properties["MemorySize"],
            "timeout": properties["Timeout"],
            "most": FUNCTIONS[name].most,  # none: an account's limit of concurrent calls holds
            "schedule": _cron(resources.get(f"{logical(name)}Overdue")),
        }
        assert variables.items() >= FUNCTIONS[name].environment.items()
    assert found == {name: EXPECTED[name] for name in BY_HTTP}
    made = {name for name in resources if name.endswith("Function")}
    assert made == {f"{logical(name)}Function" for name in BY_HTTP}


def test_terraform(tmp_path: Path) -> None:
    asked = "jsonencode({functions = local.functions, schedules = local.schedules})\n"
    done = running.run(GCP / "functions", "console", home=tmp_path, text=asked)
    assert done.returncode == 0, done.stderr
    found = json.loads(json.loads(done.stdout.strip().splitlines()[-1]))
    assert found["schedules"] == {
        name: {"schedule": one.schedule, "path": one.overdue}
        for name, one in FUNCTIONS.items()
        if one.steps
    }
    for name, function in FUNCTIONS.items():
        made = cloud_run.service(function, function.image, "p", {})["spec"]["template"]["spec"]
        assert found["functions"][name] == {
            "image": function.image,
            "port": function.port,
            "grpc": function.grpc,
            "environment": dict(function.environment),
            "memory": function.limits["memory"],
            "timeout": function.timeout,
            "least": function.least,
            "most": function.most,
            "calls": made["containerConcurrency"],
        }


def test_compose_and_the_emulators_of_the_platforms_start_alike() -> None:
    """What an emulator is told stands in compose, in infra/kubernetes and in infra/cloud/aws."""
    compose = yaml.safe_load((settings.ROOT / "docker-compose.yml").read_text())["services"]
    parts = tasks.template()["Metadata"]["Parts"]
    folder = rendering.FOLDER
    files = [folder / "base" / f"{name}.yaml" for name in ("broker", "gateway")]
    files += [folder / "components/emulators" / f"{name}.yaml" for name in ("firestore", "storage")]
    for file in files:
        pods = [one for one in yaml.safe_load_all(file.read_text()) if one["kind"] == "StatefulSet"]
        [container] = pods[0]["spec"]["template"]["spec"]["containers"]
        name = file.stem
        assert container["args"] == compose[name]["command"]
        assert container["image"] == compose[name]["image"] == parts[name]["image"]
        assert " ".join(compose[name]["command"]) in parts[name]["run"].replace("\n", " ")
    gateway = {
        item["metadata"]["name"]: item["data"]
        for item in rendering.made()
        if item["kind"] == "ConfigMap"
    }[rendering.GATEWAY]
    told = compose["gateway"]["environment"]
    for key in ("MAYFLY_STATIC_FUNCTIONS", "MAYFLY_STATIC_ANNOTATIONS"):
        ours = gateway[key].replace(":80", ":8080")
        assert sorted(ours.split(",")) == sorted(told[key].split(","))
    assert (
        parts["gateway"]["environment"]["MAYFLY_STATIC_ANNOTATIONS"]
        == told["MAYFLY_STATIC_ANNOTATIONS"]
    )


def test_setup_by_gcloud_reads_the_same_files() -> None:
    text = (GCP / "setup.sh").read_text()
    awk = text[text.index("awk '") + 5 : text.index('\' \\\n  "$knative/overdue.yaml"')]
    done = subprocess.run(
        ["awk", awk, str(manifests.KNATIVE / "eventing" / "overdue.yaml")],
        capture_output=True,
        text=True,
        check=True,
    )
    found = [tuple(line.split("|")) for line in done.stdout.splitlines()]
    steps = [(one.name, one.schedule, one.overdue) for one in FUNCTIONS.values() if one.steps]
    assert sorted(found) == sorted(steps)


@pytest.mark.parametrize("platform", ["openfaas", "knative"])
def test_what_is_not_asked_for_is_not_guessed(platform: str, tmp_path: Path) -> None:
    with pytest.raises(LocalError, match=r"--(registry|config|gateway) is needed"):
        TARGETS[platform](Asked(tmp_path / "made"))


def _image(said: dict[str, str]) -> str:
    text = said["Fn::Sub"]
    assert text.startswith("${Registry}/")
    assert text.endswith(":${Tag}")
    return "mayfly/" + text.removeprefix("${Registry}/").removesuffix(":${Tag}")


def _cron(rule: dict[str, Any] | None) -> str:
    if rule is None:
        return ""
    minutes = rule["Properties"]["ScheduleExpression"].removeprefix("rate(").split()[0]
    return "* * * * *" if minutes == "1" else f"*/{minutes} * * * *"
