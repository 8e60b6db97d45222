"""How Mayfly would come to AWS: dry runs, for no account was there to try them on."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from infra.local.errors import LocalError
from infra.local.targets import described, images
from infra.local.targets.asked import Asked
from infra.local.targets.aws import functions_on_lambda, tasks
from infra.local.targets.plan import Login, Need, Plan, Step

AWS = Need("aws", "Install the AWS CLI (aws.amazon.com/cli).")
_REGION = "eu-central-1"
_SERVERS = {"broker", "firestore", "storage"}  # which call nobody
_REGISTRY = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/mayfly"
# Bytes that a command of CloudFormation's takes as they are.
LARGEST = 51_200
_DRY = "Nobody has applied this to an account of AWS yet, so it is not carried out"


def ecs(asked: Asked) -> Plan:
    """Return the plan for ECS on Fargate; writes the template, checked."""
    template = tasks.template()
    file = _written(asked, "ecs", template)
    return _plan(asked, "ecs", file, asked.builds(images.ALL), _acquainted(asked, template))


def on_lambda(asked: Asked) -> Plan:
    """Return the plan for Lambda; writes the template, checked."""
    file = _written(asked, "lambda", functions_on_lambda.template())
    return _plan(asked, "lambda", file, _builds_on_lambda(asked), ())


def check(file: Path) -> None:
    """Hold a template to the schemas of what it makes; raises LocalError with what is wrong."""
    lint = Path(sys.executable).with_name("cfn-lint")
    if not lint.exists():  # it is there where tests are
        raise LocalError(
            "There is no cfn-lint here, which checks the template.",
            f"{sys.executable} -m pip install cfn-lint",
        )
    program = [str(lint), "--non-zero-exit-code", "warning", str(file)]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LocalError(f"cfn-lint refuses {file}:\n{done.stdout}{done.stderr}")


def _written(asked: Asked, name: str, template: dict[str, Any]) -> Path:
    asked.need(asked.registry, "--registry", _REGISTRY)
    asked.need(asked.region, "--region", _REGION)
    asked.folder.mkdir(parents=True, exist_ok=True)
    file = asked.folder / f"{name}.json"
    file.write_text(_text(template))
    check(file)
    return file


def _text(template: dict[str, Any]) -> str:
    """Return a template as short as it can be written; raises LocalError where that is too long."""
    text = json.dumps(template, separators=(",", ":"))
    if len(text.encode()) > LARGEST:
        raise LocalError(
            f"The template has {len(text):,} bytes; CloudFormation takes {LARGEST:,} as they are.",
            "Larger ones go by a bucket: aws cloudformation deploy --s3-bucket BUCKET.",
        )
    return text


def _plan(
    asked: Asked, name: str, file: Path, builds: tuple[Step, ...], after: tuple[Step, ...]
) -> Plan:
    ask = Login(("aws", "sts", "get-caller-identity"), "aws is not logged in", "aws configure sso")
    given = (f"Registry={asked.registry}", f"Tag={asked.tag}")
    deploy = (
        *("aws", "cloudformation", "deploy", "--region", asked.region),
        *("--stack-name", f"mayfly-{name}"),
        *("--template-file", str(file), "--capabilities", "CAPABILITY_IAM"),
        *("--parameter-overrides", *given),
    )
    steps = (*builds, Step("Deploy, and wait for it", deploy), *after)
    notes = (
        "Repositories for the images are made before: infra/cloud/aws/README.md.",
        "Parameters of your network, hosts and secrets are added: infra/cloud/aws/README.md.",
    )
    return Plan(name, (AWS, *asked.docker()), (ask,), steps, dry=f"{_DRY}.", notes=notes)


def _acquainted(asked: Asked, template: dict[str, Any]) -> tuple[Step, ...]:
    """Return what has each service know all others: a task knows those that began before it."""
    words = ("aws", "ecs", "update-service", "--region", asked.region, "--cluster", "mayfly-ecs")
    names = sorted(
        one["Properties"]["ServiceName"]
        for one in template["Resources"].values()
        if one["Type"] == "AWS::ECS::Service"
    )
    return tuple(
        Step(
            f"Have {name} know the others",
            (*words, "--service", name, "--force-new-deployment", "--query", "service.status"),
        )
        for name in names
        if name not in _SERVERS
    )


def _builds_on_lambda(asked: Asked) -> tuple[Step, ...]:
    """Return the builds of functions' images, each with Lambda's client in it."""
    wanted = tuple(image for image in described.images())
    found: list[Step] = []
    for image in wanted if asked.build else ():
        build, _ = asked.builds((image,))
        base = build.words[build.words.index("-t") + 1]
        place = f"{images.placed(image, asked.registry)}-lambda:{asked.tag}"
        recipe = ("-f", "infra/cloud/aws/Dockerfile", "--build-arg", f"FUNCTION_IMAGE={base}")
        found += [
            build,
            Step(f"Add Lambda's client to {image}", ("docker", "build", *recipe, "-t", place, ".")),
            Step(f"Push {image} for Lambda", ("docker", "push", place)),
        ]
    return tuple(found)
