"""The functions on ECS with Fargate: a template of CloudFormation, each a service that scales.

Functions and the fixed parts (infra/cloud/aws/ecs.yaml, `Metadata.Parts`) find each other by the
names that Service Connect gives them: `http://accounts:8080`, as in docker-compose.yml.
"""

from typing import Any

from infra.local.settings import ROOT
from infra.local.targets import described
from infra.local.targets.aws import skeletons
from infra.local.targets.aws.sizes import fargate, mebibytes, rate
from infra.local.targets.described import Function

SKELETON = ROOT / "infra" / "cloud" / "aws" / "ecs.yaml"
BUSY = 70  # percent of the processor, at which another task is started
GRACE = 120  # seconds: the longest that Fargate waits after SIGTERM
IDLE = 300  # seconds that Service Connect leaves a connection open, where nobody says otherwise

Resources = dict[str, dict[str, Any]]


def template() -> dict[str, Any]:
    """Return the skeleton with every function and every fixed part in it."""
    found = skeletons.load(SKELETON)
    meta = found["Metadata"]
    for function in described.functions():
        found["Resources"] |= _resources(function, meta["Variables"], meta["Secrets"])
    for name, part in meta["Parts"].items():
        found["Resources"] |= _part(name, part)
    known = ",".join(
        f"{one.name}=http://{one.name}:{one.port}" for one in described.functions() if not one.grpc
    )
    for each in found["Resources"]["GatewayTask"]["Properties"]["ContainerDefinitions"]:
        each["Environment"].append({"Name": "MAYFLY_STATIC_FUNCTIONS", "Value": known})
    return found


def _resources(function: Function, variables: dict[str, Any], secrets: dict[str, Any]) -> Resources:
    name = skeletons.logical(function.name)
    units, memory = fargate(mebibytes(function.limits["memory"]), core=function.target is not None)
    container = {
        "Name": function.name,
        "Image": _image(function.image),
        "PortMappings": [
            {
                "Name": function.name,
                "ContainerPort": function.port,
                "AppProtocol": "grpc" if function.grpc else "http",
            }
        ],
        "Environment": _pairs({**variables, "PORT": str(function.port), **function.environment}),
        "Secrets": [{"Name": key, "ValueFrom": where} for key, where in secrets.items()],
        "StopTimeout": min(GRACE, function.timeout),
        **_common(function.name, _health(function)),
    }
    found: Resources = {
        f"{name}Task": _task(function.name, units, memory, container, []),
        f"{name}Service": _called(function),
        **_scaling(name, function),
    }
    return found | (_schedule(name, function) if function.steps else {})


def _called(function: Function) -> dict[str, Any]:
    """Return a function's service; its calls may take their time: Service Connect has 15 s."""
    found = _service(function.name, function.port, max(1, function.least))
    [offered] = found["Properties"]["ServiceConnectConfiguration"]["Services"]
    offered["Timeout"] = {
        "PerRequestTimeoutSeconds": function.timeout,
        "IdleTimeoutSeconds": max(function.timeout, IDLE),
    }
    return found


def _part(name: str, part: dict[str, Any]) -> Resources:
    """Return a fixed part: an emulator, the gateway, or the pages."""
    logical = skeletons.logical(name)
    container = {
        "Name": name,
        "Image": _image(part["image"]),
        "PortMappings": [{"Name": name, "ContainerPort": part["port"]}],
        "Environment": _pairs(part.get("environment", {})),
        "Secrets": [{"Name": k, "ValueFrom": v} for k, v in part.get("secrets", {}).items()],
        "EntryPoint": ["sh", "-ec", part["run"]],
        **_common(name, part["health"]),
    }
    volumes = []
    if "disk" in part:
        place = {"SourceVolume": "data", "ContainerPath": "/data", "ReadOnly": False}
        container["MountPoints"] = [place]
        volumes.append(_disk(part["disk"]))
    balanced = {"LoadBalancers": part["balanced"]} if "balanced" in part else {}
    service = _service(name, part["port"], 1, alone="disk" in part)
    service["Properties"] |= balanced
    # A task starts only where its disk can be mounted, and behind a balancer that has its group:
    # a rule gives it one.
    service["DependsOn"] = [*([f"{logical}Rule"] if balanced else []), "DiskIn1", "DiskIn2"]
    return {
        f"{logical}Task": _task(name, part["cpu"], part["memory"], container, volumes),
        f"{logical}Service": service,
    }


def _task(
    name: str, units: int, memory: int, container: dict[str, Any], volumes: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "Type": "AWS::ECS::TaskDefinition",
        "Properties": {
            "Family": {"Fn::Sub": f"${{AWS::StackName}}-{name}"},
            "RequiresCompatibilities": ["FARGATE"],
            "NetworkMode": "awsvpc",
            "Cpu": str(units),
            "Memory": str(memory),
            "ExecutionRoleArn": {"Fn::GetAtt": ["ExecutionRole", "Arn"]},
            "TaskRoleArn": {"Fn::GetAtt": ["TaskRole", "Arn"]},
            "ContainerDefinitions": [container],
            "Volumes": volumes,
        },
    }


def _common(name: str, health: str) -> dict[str, Any]:
    """Return what every container has: no rights, and a log.

    Its root can be written: a volume over /tmp would be root's on Fargate, and there is no tmpfs.
    """
    return {
        "Essential": True,
        "User": "65532:65532",
        "LinuxParameters": {"InitProcessEnabled": True, "Capabilities": {"Drop": ["ALL"]}},
        "HealthCheck": {
            "Command": ["CMD-SHELL", health],
            "Interval": 10,
            "Timeout": 5,
            "Retries": 3,
            "StartPeriod": 60,
        },
        "LogConfiguration": {
            "LogDriver": "awslogs",
            "Options": {
                "awslogs-group": {"Ref": "Log"},
                "awslogs-region": {"Ref": "AWS::Region"},
                "awslogs-stream-prefix": name,
            },
        },
    }


def _service(name: str, port: int, count: int, *, alone: bool = False) -> dict[str, Any]:
    """Return a service; one with a disk is never there twice, not even while it is replaced."""
    alias = {"DnsName": name, "Port": port}
    connect = {"PortName": name, "DiscoveryName": name, "ClientAliases": [alias]}
    percents = (0, 100) if alone else (100, 200)
    return {
        "Type": "AWS::ECS::Service",
        "Properties": {
            "ServiceName": name,
            "Cluster": {"Ref": "Cluster"},
            "TaskDefinition": {"Ref": f"{skeletons.logical(name)}Task"},
            "DesiredCount": count,
            "LaunchType": "FARGATE",
            "PropagateTags": "SERVICE",
            "DeploymentConfiguration": {
                "MinimumHealthyPercent": percents[0],
                "MaximumPercent": percents[1],
                "DeploymentCircuitBreaker": {"Enable": True, "Rollback": True},
            },
            "NetworkConfiguration": {
                "AwsvpcConfiguration": {
                    "Subnets": [{"Ref": "Subnet1"}, {"Ref": "Subnet2"}],
                    "SecurityGroups": [{"Ref": "Tasks"}],
                    "AssignPublicIp": "DISABLED",
                }
            },
            "ServiceConnectConfiguration": {
                "Enabled": True,
                "Namespace": {"Fn::GetAtt": ["Names", "Arn"]},
                "Services": [connect],
            },
        },
    }


def _scaling(name: str, function: Function) -> Resources:
    """Return what adds tasks and takes them away, within the bounds of the Knative Service."""
    target = {
        "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
        "Properties": {
            "ServiceNamespace": "ecs",
            "ScalableDimension": "ecs:service:DesiredCount",
            "ResourceId": {"Fn::Sub": f"service/${{Cluster}}/${{{name}Service.Name}}"},
            "MinCapacity": max(1, function.least),
            "MaxCapacity": function.most,
        },
    }
    policy = {
        "Type": "AWS::ApplicationAutoScaling::ScalingPolicy",
        "Properties": {
            "PolicyName": {"Fn::Sub": f"${{AWS::StackName}}-{function.name}"},
            "PolicyType": "TargetTrackingScaling",
            "ScalingTargetId": {"Ref": f"{name}Scales"},
            "TargetTrackingScalingPolicyConfiguration": {
                "PredefinedMetricSpecification": {
                    "PredefinedMetricType": "ECSServiceAverageCPUUtilization"
                },
                "TargetValue": BUSY,
            },
        },
    }
    return {f"{name}Scales": target, f"{name}ScalesBy": policy}


def _schedule(name: str, function: Function) -> Resources:
    """Return what has lost steps looked for: EventBridge calls a route at the gateway."""
    destination = {
        "Type": "AWS::Events::ApiDestination",
        "Properties": {
            "ConnectionArn": {"Fn::GetAtt": ["Caller", "Arn"]},
            "HttpMethod": "POST",
            "InvocationEndpoint": {
                "Fn::Sub": f"https://${{ApiHost}}/function/{function.name}{function.overdue}"
            },
        },
    }
    target = {
        "Id": function.name,
        "Arn": {"Fn::GetAtt": [f"{name}OverdueCall", "Arn"]},
        "RoleArn": {"Fn::GetAtt": ["ScheduleRole", "Arn"]},
    }
    rule = {"ScheduleExpression": rate(function.schedule), "State": "ENABLED", "Targets": [target]}
    return {
        f"{name}OverdueCall": destination,
        f"{name}Overdue": {"Type": "AWS::Events::Rule", "Properties": rule},
    }


def _disk(access_point: str) -> dict[str, Any]:
    return {
        "Name": "data",
        "EFSVolumeConfiguration": {
            "FilesystemId": {"Ref": "Disk"},
            "TransitEncryption": "ENABLED",
            "AuthorizationConfig": {"AccessPointId": {"Ref": access_point}, "IAM": "ENABLED"},
        },
    }


def _health(function: Function) -> str:
    if function.grpc:
        return "python -m functions.kit.grpc.probe"
    url = f"http://127.0.0.1:{function.port}/_/health"
    return f"python -c \"import urllib.request as u; u.urlopen('{url}', timeout=4)\""


def _image(image: str) -> dict[str, str]:
    return {"Fn::Sub": f"${{Registry}}/{image.removeprefix('mayfly/')}:${{Tag}}"}


def _pairs(variables: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"Name": name, "Value": text} for name, text in variables.items()]
