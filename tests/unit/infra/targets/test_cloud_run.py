"""Cloud Run's Services: what of Knative's form it takes, by its reference of YAML (v1)."""

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from infra.local.errors import LocalError
from infra.local.targets import cloud_run, described
from infra.local.targets.asked import Asked

REGISTRY = "europe-west1-docker.pkg.dev/a-project/mayfly"
TEXT = {"type": "string"}


def closed(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def known(*names: str) -> dict[str, Any]:
    return closed((), **dict.fromkeys(names, TEXT))


SECRET = closed(("secretKeyRef",), secretKeyRef=closed(("name", "key"), name=TEXT, key=TEXT))
PORT = {"type": "integer", "minimum": 1, "maximum": 65535}
PROBE = closed(
    httpGet=closed(("path", "port"), path=TEXT, port=PORT),
    grpc=closed(("port",), port=PORT, service=TEXT),
    periodSeconds={"type": "integer", "minimum": 1, "maximum": 240},
    failureThreshold={"type": "integer", "minimum": 1},
    timeoutSeconds={"type": "integer", "minimum": 1, "maximum": 240},
)
CONTAINER = closed(
    ("image",),
    image=TEXT,
    ports={
        "type": "array",
        "maxItems": 1,
        "items": closed(("containerPort",), name={"enum": ["http1", "h2c"]}, containerPort=PORT),
    },
    env={
        "type": "array",
        "items": {
            "oneOf": [
                closed(("name", "value"), name=TEXT, value=TEXT),
                closed(("name", "valueFrom"), name=TEXT, valueFrom=SECRET),
            ]
        },
    },
    # Gigabytes by the processors that they want: up to 4 GiB with one.
    resources=closed(
        ("limits",),
        limits=closed(
            ("cpu", "memory"),
            cpu={"enum": ["1", "2", "4", "6", "8"]},
            memory={"pattern": "^([1-4]Gi|[1-9][0-9]{2,3}Mi)$"},
        ),
    ),
    startupProbe=PROBE,
    livenessProbe=PROBE,
)
REVISION = known(
    "autoscaling.knative.dev/minScale",
    "autoscaling.knative.dev/maxScale",
    "run.googleapis.com/cpu-throttling",
    "run.googleapis.com/execution-environment",
    "run.googleapis.com/startup-cpu-boost",
)
SERVICE = closed(
    ("apiVersion", "kind", "metadata", "spec"),
    apiVersion={"const": "serving.knative.dev/v1"},
    kind={"const": "Service"},
    metadata=closed(
        ("name",),
        name={"pattern": "^[a-z]([-a-z0-9]{0,47}[a-z0-9])?$"},
        # Labels have no slashes here.
        labels={"type": "object", "propertyNames": {"pattern": "^[a-z][-_a-z0-9]*$"}},
        annotations=known("run.googleapis.com/ingress", "run.googleapis.com/invoker-iam-disabled"),
    ),
    spec=closed(
        ("template",),
        template=closed(
            ("spec",),
            metadata=closed(annotations=REVISION),
            spec=closed(
                ("containers", "serviceAccountName"),
                serviceAccountName={
                    "pattern": "^[-a-z0-9]+@[-a-z0-9]+[.]iam[.]gserviceaccount[.]com$"
                },
                containerConcurrency={"type": "integer", "minimum": 1, "maximum": 1000},
                timeoutSeconds={"type": "integer", "minimum": 1, "maximum": 3600},
                containers={"type": "array", "minItems": 1, "items": CONTAINER},
            ),
        ),
    ),
)


def services(folder: Path, **more: Any) -> dict[str, dict[str, Any]]:
    asked = Asked(folder, registry=REGISTRY, project="a-project", region="r", demo=False, **more)
    cloud_run.plan(asked)
    return {file.stem: yaml.safe_load(file.read_text()) for file in folder.glob("*.yaml")}


def test_every_service_is_one_that_cloud_run_takes(tmp_path: Path) -> None:
    found = services(tmp_path)
    assert found.keys() == {function.name for function in described.functions()}
    for service in found.values():
        jsonschema.validate(service, SERVICE)


def test_knative_s_own_form_is_more_than_that() -> None:
    from infra.local.deploying import manifests  # noqa: PLC0415 - for this alone

    for service in manifests.services(manifests.load(manifests.KNATIVE)):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(service, SERVICE)


def test_no_secret_lies_in_a_file(tmp_path: Path) -> None:
    for service in services(tmp_path).values():
        [container] = service["spec"]["template"]["spec"]["containers"]
        held = {e["name"] for e in container["env"] if "valueFrom" in e}
        assert held == {"MAYFLY_STEP_SECRET", "MAYFLY_FIRST_KEY"}
        names = [e["name"] for e in container["env"]]
        assert len(names) == len(set(names))


def test_variables_of_a_file_go_over_ours(tmp_path: Path) -> None:
    config = tmp_path / "my.env"
    config.write_text("# mine\n\nMAYFLY_BUCKET=another\nMAYFLY_WEB_URL=https://m.example.org\n")
    for service in services(tmp_path / "made", config=config).values():
        [container] = service["spec"]["template"]["spec"]["containers"]
        said = {e["name"]: e.get("value") for e in container["env"]}
        assert (said["MAYFLY_BUCKET"], said["MAYFLY_WEB_URL"]) == (
            "another",
            "https://m.example.org",
        )


def test_a_line_that_says_nothing_is_named(tmp_path: Path) -> None:
    config = tmp_path / "my.env"
    config.write_text("A=1\nMAYFLY_BUCKET\n")
    with pytest.raises(LocalError, match=r"my\.env, line 2: NAME=value is wanted"):
        services(tmp_path / "made", config=config)
