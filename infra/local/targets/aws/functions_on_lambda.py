"""The functions on Lambda: CloudFormation's template, each an image with a URL and a schedule."""

from typing import Any

from infra.local.settings import ROOT
from infra.local.targets import described
from infra.local.targets.aws import skeletons
from infra.local.targets.aws.sizes import mebibytes, rate
from infra.local.targets.described import Function

SKELETON = ROOT / "infra" / "cloud" / "aws" / "lambda.yaml"
LONGEST = 900  # seconds that Lambda lets a call take
TMP = 1024  # MiB, as docker-compose.yml gives those that need most

Resources = dict[str, dict[str, Any]]


def template() -> dict[str, Any]:
    """Return the skeleton with every function in it."""
    found = skeletons.load(SKELETON)
    variables = found["Metadata"]["Variables"]
    for function in described.functions():
        if not function.grpc:  # Lambda has no HTTP/2 towards a function
            found["Resources"] |= _resources(function, variables)
            found["Outputs"] |= _outputs(function)
    return found


def _resources(function: Function, variables: dict[str, Any]) -> Resources:
    name = skeletons.logical(function.name)
    found: Resources = {
        f"{name}Function": _function(function, variables),
        f"{name}Log": {
            "Type": "AWS::Logs::LogGroup",
            "Properties": {
                "LogGroupName": {"Fn::Sub": f"/aws/lambda/${{AWS::StackName}}-{function.name}"},
                "RetentionInDays": 30,
            },
        },
        # Who calls is asked by the function itself, by its own keys and tokens.
        f"{name}Url": {
            "Type": "AWS::Lambda::Url",
            "Properties": {
                "AuthType": "NONE",
                "TargetFunctionArn": {"Ref": f"{name}Function"},
            },
        },
        f"{name}MayBeCalled": _permission(name, "lambda:InvokeFunctionUrl", "*")
        | {"DependsOn": f"{name}Url"},
        # URLs made since October 2025 want both, the second by way of the URL alone.
        f"{name}MayBeInvoked": _permission(name, "lambda:InvokeFunction", "*")
        | {"DependsOn": f"{name}Url"},
    }
    found[f"{name}MayBeCalled"]["Properties"]["FunctionUrlAuthType"] = "NONE"
    found[f"{name}MayBeInvoked"]["Properties"]["InvokedViaFunctionUrl"] = True
    return found | (_schedule(name, function) if function.steps else {})


def _function(function: Function, variables: dict[str, Any]) -> dict[str, Any]:
    image = function.image.removeprefix("mayfly/")
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "FunctionName": {"Fn::Sub": f"${{AWS::StackName}}-{function.name}"},
            "PackageType": "Image",
            "Code": {"ImageUri": {"Fn::Sub": f"${{Registry}}/{image}-lambda:${{Tag}}"}},
            "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            "MemorySize": mebibytes(function.limits["memory"]),
            "EphemeralStorage": {"Size": TMP},
            "Timeout": min(function.timeout, LONGEST),
            "TracingConfig": {"Mode": "PassThrough"},
            "Environment": {"Variables": {**variables, **function.environment}},
        },
        "DependsOn": [f"{skeletons.logical(function.name)}Log"],
    }


def _schedule(name: str, function: Function) -> Resources:
    target = {"Id": function.name, "Arn": {"Fn::GetAtt": [f"{name}Function", "Arn"]}}
    rule = {"ScheduleExpression": rate(function.schedule), "State": "ENABLED", "Targets": [target]}
    permission = _permission(name, "lambda:InvokeFunction", "events.amazonaws.com")
    permission["Properties"]["SourceArn"] = {"Fn::GetAtt": [f"{name}Overdue", "Arn"]}
    return {
        f"{name}Overdue": {"Type": "AWS::Events::Rule", "Properties": rule},
        f"{name}MayBeScheduled": permission,
    }


def _permission(name: str, action: str, principal: str) -> dict[str, Any]:
    properties = {
        "Action": action,
        "FunctionName": {"Ref": f"{name}Function"},
        "Principal": principal,
    }
    return {"Type": "AWS::Lambda::Permission", "Properties": properties}


def _outputs(function: Function) -> dict[str, Any]:
    name = skeletons.logical(function.name)
    return {f"{name}Url": {"Value": {"Fn::GetAtt": [f"{name}Url", "FunctionUrl"]}}}
