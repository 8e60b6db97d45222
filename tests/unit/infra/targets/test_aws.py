"""CloudFormation's templates, by the schemas of what they make (cfn-lint)."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from functions.kit.aws import entry
from infra.local.errors import LocalError
from infra.local.settings import ROOT
from infra.local.targets import described
from infra.local.targets.asked import Asked
from infra.local.targets.aws import functions_on_lambda, planning, sizes, skeletons, tasks
from infra.local.targets.plan import Plan, Step

Template = dict[str, Any]
MADE: dict[str, Callable[[], Template]] = {
    "ecs": tasks.template,
    "lambda": functions_on_lambda.template,
}


def written(folder: Path, template: Template) -> Path:
    file = folder / "template.json"
    file.write_text(json.dumps(template))
    return file


@pytest.mark.parametrize("name", MADE)
def test_a_template_is_one_that_cloudformation_takes(name: str, tmp_path: Path) -> None:
    planning.check(written(tmp_path, MADE[name]()))


def test_the_lint_refuses_what_it_ought_to(tmp_path: Path) -> None:
    template = functions_on_lambda.template()
    template["Resources"]["TrainingFunction"]["Properties"]["Timeout"] = 901
    template["Resources"]["ModelsUrl"]["Properties"]["Colour"] = "red"
    with pytest.raises(LocalError, match=r"(?s)901.*Colour|Colour.*901"):
        planning.check(written(tmp_path, template))


def deployed(plan: Plan) -> Step:
    return next(one for one in plan.steps if "cloudformation" in one.words)


def test_who_waits_behind_service_connect_waits_as_long_as_a_function_may_take() -> None:
    """Its own limit is 15 seconds: no step of a training would have ended."""
    resources = tasks.template()["Resources"]
    for function in described.functions():
        service = resources[f"{skeletons.logical(function.name)}Service"]["Properties"]
        [offered] = service["ServiceConnectConfiguration"]["Services"]
        assert offered["Timeout"]["PerRequestTimeoutSeconds"] == function.timeout
        assert offered["Timeout"]["IdleTimeoutSeconds"] >= function.timeout


def test_a_service_behind_the_balancer_starts_once_a_rule_leads_to_it() -> None:
    """A group of targets has no balancer before, and no service is made for such a one."""
    resources = tasks.template()["Resources"]
    for name, service in resources.items():
        for balanced in service["Properties"].get("LoadBalancers", ()):
            rules = [resources[one] for one in service["DependsOn"] if one.endswith("Rule")]
            led = [action["TargetGroupArn"] for r in rules for action in r["Properties"]["Actions"]]
            assert balanced["TargetGroupArn"] in led, name


def test_each_service_that_calls_learns_of_all_others(tmp_path: Path) -> None:
    """Service Connect tells a task of those services alone that are there before it."""
    made = planning.ecs(Asked(tmp_path, registry="r.example/mayfly", region="eu-central-1"))
    after = made.steps[made.steps.index(deployed(made)) + 1 :]
    told = {one.words[one.words.index("--service") + 1] for one in after}
    assert told == {one.name for one in described.functions()} | {"gateway", "web"}
    assert all("--force-new-deployment" in one.words for one in after)


def test_a_function_s_url_may_be_called_by_both_rights() -> None:
    resources = functions_on_lambda.template()["Resources"]
    for name, one in resources.items():
        if one["Type"] == "AWS::Lambda::Url":
            target = one["Properties"]["TargetFunctionArn"]
            rights = {
                right["Properties"]["Action"]: right["Properties"]
                for right in resources.values()
                if right["Type"] == "AWS::Lambda::Permission"
                and right["Properties"]["FunctionName"] == target
                and right["Properties"]["Principal"] == "*"
            }
            assert rights.keys() == {"lambda:InvokeFunctionUrl", "lambda:InvokeFunction"}, name
            assert rights["lambda:InvokeFunction"]["InvokedViaFunctionUrl"] is True


def test_without_the_lint_that_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wheel does not bring it."""
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    with pytest.raises(LocalError, match=r"There is no cfn-lint here.*pip install cfn-lint"):
        planning.check(tmp_path / "any.json")


def statements(template: Template) -> Iterator[dict[str, Any]]:
    for resource in template["Resources"].values():
        for policy in resource["Properties"].get("Policies", ()):
            yield from policy["PolicyDocument"]["Statement"]


@pytest.mark.parametrize("name", MADE)
def test_nobody_may_everything(name: str) -> None:
    found = list(statements(MADE[name]()))
    assert found
    for one in found:
        actions = [one["Action"]] if isinstance(one["Action"], str) else one["Action"]
        assert not any("*" in action for action in actions)
        assert one["Resource"] != "*"


@pytest.mark.parametrize("name", MADE)
def test_no_secret_stands_in_a_template(name: str) -> None:
    template = MADE[name]()
    for key, parameter in template["Parameters"].items():
        assert parameter.get("NoEcho", False) == ("Digest" in key)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::SecretsManager::Secret":
            made = resource["Properties"].get("SecretString", {"Ref": "FirstKeyDigestValue"})
            assert made == {"Ref": "FirstKeyDigestValue"}


def test_what_has_a_disk_is_never_there_twice() -> None:
    resources = tasks.template()["Resources"]
    mounted = {
        name.removesuffix("Task")
        for name, one in resources.items()
        if one["Type"] == "AWS::ECS::TaskDefinition" and one["Properties"]["Volumes"]
    }
    assert mounted == {"Firestore", "Storage", "Broker", "Gateway"}
    for name in mounted:
        service = resources[f"{name}Service"]["Properties"]
        assert service["DeploymentConfiguration"]["MaximumPercent"] == 100
        assert service["DesiredCount"] == 1
        assert f"{name}Scales" not in resources


def test_lambda_calls_what_there_is() -> None:
    recipe = (ROOT / "infra/cloud/aws/Dockerfile").read_text()
    assert f'CMD ["{entry.handle.__module__}.{entry.handle.__name__}"]' in recipe


@pytest.mark.parametrize("name", MADE)
def test_a_dry_run_is_all_there_is(name: str, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(planning, "check", lambda _: None)  # held above
    plan = {"ecs": planning.ecs, "lambda": planning.on_lambda}[name]
    made = plan(Asked(tmp_path, registry="r.example/mayfly", region="eu-central-1"))
    assert "not carried out" in made.dry
    assert json.loads((tmp_path / f"{name}.json").read_text()) == MADE[name]()
    words = deployed(made).words
    assert words[:3] == ("aws", "cloudformation", "deploy")
    assert str(tmp_path / f"{name}.json") in words


@pytest.mark.parametrize(
    ("memory", "core", "size"),
    [(512, False, (256, 512)), (2304, False, (512, 3072)), (1024, True, (1024, 2048))],
)
def test_a_task_is_as_small_as_may_be(memory: int, core: bool, size: tuple[int, int]) -> None:
    assert sizes.fargate(memory, core=core) == size


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda: sizes.mebibytes("1G"), "no memory in Mi or Gi"),
        (lambda: sizes.fargate(9000, core=False), "9000 MiB"),
        (lambda: sizes.rate("0 3 * * *"), "not every so many minutes"),
    ],
)
def test_what_has_no_word_there_is_named(call: Callable[[], object], reason: str) -> None:
    with pytest.raises(LocalError, match=reason):
        call()


def test_minutes_in_words_of_eventbridge() -> None:
    assert sizes.rate("* * * * *") == "rate(1 minute)"
    assert sizes.rate("*/5 * * * *") == "rate(5 minutes)"


@pytest.mark.parametrize("name", MADE)
def test_a_template_goes_with_the_command_that_is_told(name: str, tmp_path: Path) -> None:
    """A larger one needs a bucket: laid out nicely, that of ecs was refused."""
    plan = {"ecs": planning.ecs, "lambda": planning.on_lambda}[name]
    plan(Asked(tmp_path, registry="r.example/mayfly", region="eu-central-1"))
    assert (tmp_path / f"{name}.json").stat().st_size <= planning.LARGEST


def test_one_that_is_too_large_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(planning, "LARGEST", 1000)
    with pytest.raises(LocalError, match=r"bytes; CloudFormation takes 1,000.*--s3-bucket"):
        planning.ecs(Asked(tmp_path, registry="r.example/mayfly", region="eu-central-1"))
