"""The templates of AWS, deployed by AWS's own command line to moto, which plays AWS."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.local.targets import described
from infra.local.targets.asked import Asked
from infra.local.targets.aws import planning, sizes
from infra.local.targets.aws.skeletons import logical
from infra.local.targets.described import Function
from infra.local.targets.plan import Plan
from tests.support import environments
from tests.support.processes import free_port, wait_until

PINS = Path(__file__).parents[2] / "support" / "aws" / "environment.txt"
REGION = "eu-central-1"
REGISTRY = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/mayfly"
COMMON = {"WebHost": "w.example.com", "FirstKeyDigestValue": "0" * 64}
# What moto 5.2 makes nothing of; where an ARN of these is wanted, one is put in by hand.
UNKNOWN = {
    "AWS::ApplicationAutoScaling::ScalableTarget",
    "AWS::ApplicationAutoScaling::ScalingPolicy",
    "AWS::Events::ApiDestination",
    "AWS::Events::Connection",
    "AWS::Lambda::Url",
    "AWS::SecretsManager::Secret",
    "AWS::ServiceDiscovery::HttpNamespace",
}
FUNCTIONS = {one.name: one for one in described.functions()}


class Account:
    """An account that a server of moto's plays."""

    def __init__(self, python: Path, port: int) -> None:
        self._python = str(python)
        self._env = {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_ACCESS_KEY_ID": "nobody",
            "AWS_SECRET_ACCESS_KEY": "nothing",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_PAGER": "",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "PATH": "/usr/bin:/bin",
        }

    def call(self, *words: str) -> str:
        """Run AWS's command line; return what it says."""
        done = subprocess.run(
            [self._python, "-m", "awscli", *words],
            env=self._env,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def asked(self, *words: str) -> Any:
        """Return an answer."""
        return json.loads(self.call(*words, "--output", "json") or "{}")

    def deploy(self, plan: Plan, **parameters: str) -> set[str]:
        """Carry out the command of a plan that deploys; return the names of what the stack has."""
        words = next(one.words for one in plan.steps if "cloudformation" in one.words)
        given = [f"{name}={text}" for name, text in (COMMON | parameters).items()]
        self.call(*words[1:], *given)
        name = words[words.index("--stack-name") + 1]
        found = self.asked("cloudformation", "describe-stack-resources", "--stack-name", name)
        # What moto makes nothing of has no name there.
        key = "LogicalResourceId"
        return {one[key] for one in found["StackResources"] if key in one}


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    python, port = environments.python(PINS), free_port()
    words = [str(python), "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_until(lambda: listens(port), what="moto")
            yield Account(python, port)
        finally:
            process.terminate()


def listens(port: int) -> bool:
    words = [
        sys.executable,
        "-c",
        f"import socket; socket.create_connection(('127.0.0.1', {port}))",
    ]
    return subprocess.run(words, stderr=subprocess.DEVNULL, check=False).returncode == 0


def planned(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Plan, Path]:
    monkeypatch.setattr(planning, "check", lambda _: None)  # held in tests/unit/infra/targets
    plan = {"ecs": planning.ecs, "lambda": planning.on_lambda}[name]
    made = plan(Asked(folder, registry=REGISTRY, tag="1.0", region=REGION))
    return made, folder / f"{name}.json"


def known(file: Path) -> dict[str, str]:
    """Return the resources that moto makes, with their types."""
    resources = json.loads(file.read_text())["Resources"]
    types = {name: one["Type"] for name, one in resources.items()}
    return {name: kind for name, kind in types.items() if kind not in UNKNOWN}


def schedules(account: Account) -> dict[str, str]:
    """Return the schedule of each function that a rule calls."""
    found = account.asked("events", "list-rules")["Rules"]
    return {
        name: rule["ScheduleExpression"]
        for rule in found
        for name in FUNCTIONS
        if f"-{logical(name)}Overdue-" in rule["Name"]
    }


def wanted_schedules() -> dict[str, str]:
    return {name: sizes.rate(one.schedule) for name, one in FUNCTIONS.items() if one.steps}


def test_lambda(account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan, file = planned("lambda", tmp_path, monkeypatch)
    url = "https://{name}.example.com{path}"
    made = account.deploy(plan, GoogleProject="p", Bucket="b", FunctionUrl=url)
    assert made == known(file).keys()
    found = account.asked("lambda", "list-functions")["Functions"]
    by_name = {one["FunctionName"].removeprefix("mayfly-lambda-"): one for one in found}
    assert by_name.keys() == {name for name, one in FUNCTIONS.items() if not one.grpc}
    for name, one in by_name.items():
        function = FUNCTIONS[name]
        assert (one["Timeout"], one["MemorySize"]) == (function.timeout, memory(function))
        variables = one["Environment"]["Variables"]
        assert variables.items() >= function.environment.items()
        assert variables["MAYFLY_FUNCTION_URL"] == url
    assert schedules(account) == wanted_schedules()
    account.call("cloudformation", "delete-stack", "--stack-name", "mayfly-lambda")


def test_ecs(account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan, file = planned("ecs", tmp_path, monkeypatch)
    file.write_text(json.dumps(with_arns(json.loads(file.read_text())), separators=(",", ":")))
    made = account.deploy(plan, **network(account), ApiHost="a.example.com")
    assert made == known(file).keys()
    [cluster] = account.asked("ecs", "list-clusters")["clusterArns"]
    services = account.asked("ecs", "list-services", "--cluster", cluster)["serviceArns"]
    names = {arn.rpartition("/")[2] for arn in services}
    assert names == {*FUNCTIONS, "firestore", "storage", "broker", "gateway", "web"}
    for name in ("training", "prediction-grpc"):
        task = f"mayfly-ecs-{name}"
        about = account.asked("ecs", "describe-task-definition", "--task-definition", task)
        held(FUNCTIONS[name], about["taskDefinition"])
    assert schedules(account) == wanted_schedules()


def held(function: Function, task: dict[str, Any]) -> None:
    """Hold a task as AWS has it against what infra/knative says."""
    [container] = task["containerDefinitions"]
    image = function.image.removeprefix("mayfly/")
    assert container["image"] == f"{REGISTRY}/{image}:1.0"
    assert int(task["memory"]) >= memory(function)
    variables = {one["name"]: one["value"] for one in container["environment"]}
    assert variables.items() >= {**function.environment, "PORT": str(function.port)}.items()
    assert {one["name"] for one in container["secrets"]} == {
        "MAYFLY_STEP_SECRET",
        "MAYFLY_FIRST_KEY",
    }


def network(account: Account) -> dict[str, str]:
    """Return the parameters that whoever deploys has: moto's own network, and a certificate."""
    subnets = account.asked("ec2", "describe-subnets")["Subnets"][:2]
    first, second = (one["SubnetId"] for one in subnets)
    words = ("acm", "request-certificate", "--domain-name", "w.example.com")
    return {
        "Vpc": subnets[0]["VpcId"],
        "Subnet1": first,
        "Subnet2": second,
        "PublicSubnet1": first,
        "PublicSubnet2": second,
        "Certificate": account.asked(*words)["CertificateArn"],
    }


def with_arns(template: dict[str, Any]) -> dict[str, Any]:
    """Put ARNs where those of things that moto does not make are asked for."""
    unknown = {name for name, one in template["Resources"].items() if one["Type"] in UNKNOWN}

    def changed(value: Any) -> Any:
        if isinstance(value, list):
            return [changed(one) for one in value]
        if not isinstance(value, dict):
            return value
        asked = value.get("Fn::GetAtt")
        if asked and asked[0] in unknown:
            return f"arn:aws:service:{REGION}:123456789012:{asked[0]}"
        return {key: changed(one) for key, one in value.items()}

    found: dict[str, Any] = changed(template)
    return found


def memory(function: Function) -> int:
    return sizes.mebibytes(function.limits["memory"])
