import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from emulators.gateway.errors import GatewayError, Invalid
from emulators.gateway.model.probes import Probe
from emulators.gateway.model.revision import EnvSource, Revision, Scaling
from emulators.gateway.specs import knative, openfaas
from emulators.gateway.specs.annotations import scaling_from
from emulators.gateway.specs.durations import moment, seconds
from emulators.gateway.specs.images import locate


def service(**changes: Any) -> dict[str, Any]:
    container = {"image": "mayfly/datasets", **changes.pop("container", {})}
    spec = {"containers": [container], **changes.pop("spec", {})}
    annotations = changes.pop("annotations", {})
    return {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {"name": "datasets", **changes},
        "spec": {"template": {"metadata": {"annotations": annotations}, "spec": spec}},
    }


def parse(manifest: dict[str, Any]) -> Revision:
    return knative.parse(json.dumps(manifest).encode(), "default", 5.0).current


def test_a_plain_service_has_the_contract_defaults() -> None:
    revision = parse(service())
    assert (revision.function, revision.namespace) == ("datasets", "openfaas-fn")
    assert revision.name == "datasets-00001"
    assert (revision.concurrency, revision.timeout, revision.start_timeout) == (0, 300, 300)
    assert revision.scaling == Scaling()


def test_everything_a_service_says_is_read() -> None:
    manifest = service(
        spec={"containerConcurrency": 4, "timeoutSeconds": 20, "idleTimeoutSeconds": 3},
        container={
            "env": [
                {"name": "A", "value": "1"},
                {"name": "S", "valueFrom": {"secretKeyRef": {"name": "mayfly", "key": "K"}}},
            ],
            "envFrom": [{"configMapRef": {"name": "mayfly"}}, {"secretRef": {"name": "keys"}}],
            "readinessProbe": {"httpGet": {"path": "/_/ready"}, "periodSeconds": 2},
        },
        annotations={
            "autoscaling.knative.dev/min-scale": "1",
            "autoscaling.knative.dev/maxScale": "3",
            "autoscaling.knative.dev/window": "1m30s",
            "com.openfaas.retry.attempts": "3",
            "com.openfaas.retry.min_wait": "100ms",
        },
    )
    revision = parse(manifest)
    assert (revision.concurrency, revision.timeout, revision.start_timeout) == (4, 20, 20)
    assert revision.env == {"A": "1"}
    assert revision.env_sources == (
        EnvSource("configmap", "mayfly"),
        EnvSource("secret", "keys"),
        EnvSource("secret", "mayfly", "K", "S"),
    )
    assert revision.probes.readiness == Probe(path="/_/ready", period=2.0)
    assert (revision.scaling.minimum, revision.scaling.maximum) == (1, 3)
    assert revision.scaling.window == 90
    assert (revision.retry.attempts, revision.retry.min_wait) == (3, 0.1)


@pytest.mark.parametrize(
    ("manifest", "named"),
    [
        (service(name="Bad_Name"), "metadata.name"),
        (service(spec={"containerConcurrency": 1001}), "containerConcurrency"),
        (service(spec={"timeoutSeconds": 601}), "timeoutSeconds"),
        (service(spec={"timeoutSeconds": "soon"}), "timeoutSeconds"),
        (service(container={"env": [{"name": "PORT", "value": "1"}]}), "PORT"),
        (service(container={"ports": [{"containerPort": 9090}]}), "9090"),
        (service(annotations={"autoscaling.knative.dev/min-scale": "many"}), "min-scale"),
        (service(annotations={"autoscaling.knative.dev/window": "5s"}), "window"),
        (service(annotations={"autoscaling.knative.dev/metric": "cpu"}), "metric"),
        (service(annotations={"com.openfaas.retry.codes": "200"}), "codes"),
        ({**service(), "kind": "Route"}, "Route"),
        ({"metadata": {}}, "spec"),
    ],
)
def test_a_wrong_service_is_refused_by_name(manifest: dict[str, Any], named: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse(manifest)
    assert named in caught.value.message


@pytest.mark.parametrize("body", [b"no", b'{"kind": "\xff"}', b'{"x": ' + b"[" * 100_000])
def test_a_service_that_cannot_be_read_is_refused(body: bytes) -> None:
    with pytest.raises(Invalid, match="cannot be read"):
        knative.parse(body, "default", 0.0)


def test_old_and_new_spellings_of_annotations_are_one() -> None:
    old = scaling_from({"autoscaling.knative.dev/targetUtilizationPercentage": "50"})
    new = scaling_from({"autoscaling.knative.dev/target-utilization-percentage": "50"})
    assert old == new == Scaling(utilization=0.5)


def test_openfaas_labels() -> None:
    body = {
        "service": "f",
        "image": "/x",
        "envVars": {"A": "1", "exec_timeout": "10s", "max_inflight": "2"},
        "labels": {"com.openfaas.scale.zero": "true", "com.openfaas.scale.zero-duration": "5m"},
    }
    revision = openfaas.parse(json.dumps(body).encode(), 0.0).current
    assert (revision.timeout, revision.concurrency) == (10.0, 2)
    assert revision.scaling.minimum == 0
    assert revision.scaling.retention == 300
    assert openfaas.scaling_from({}).minimum == 1


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"{}", "service"),
        (b"no", "cannot be read"),
        (b'{"service": "\xff"}', "cannot be read"),
        (b'{"x": ' + b"[" * 100_000, "cannot be read"),
        (b'{"service":"f","image":"i","labels":{"com.openfaas.scale.min":"x"}}', "scale.min"),
        (b'{"service":"f","image":"i","labels":{"com.openfaas.scale.min":"30"}}', "over"),
        (b'{"service":"f","image":"i","labels":{"com.openfaas.scale.type":"luck"}}', "luck"),
        (b'{"service":"f","image":"i","secrets":["../x"]}', "secrets"),
    ],
)
def test_a_wrong_deploy_request_is_refused_by_name(body: bytes, named: str) -> None:
    with pytest.raises(Invalid) as caught:
        openfaas.parse(body, 0.0)
    assert named in caught.value.message


@pytest.mark.parametrize(("text", "value"), [("15s", 15), ("1h2m", 3720), ("500ms", 0.5), ("7", 7)])
def test_durations(text: str, value: float) -> None:
    assert seconds(text, "f") == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "s",
        "1d",
        "1y",
        "-1s",
        "+1s",
        "1s, then 2m",
        "1s!2m",
        "1.2.3s",
        "1 s",
        "1s2",
        "inf",
        "1e3",
    ],
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match=r"f: .* is not a duration"):
        seconds(text, "f")


@pytest.mark.parametrize("text", ["yesterday", "", "2026-13-01T00:00:00Z", "-1h"])
def test_what_is_no_moment_is_refused_with_both_ways_to_write_one(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        moment(text, "since")
    assert "is no moment" in str(caught.value)
    assert caught.value.remedy == "write e.g. 2026-01-31T12:00:00Z, or 5m"


@pytest.mark.parametrize("key", ["../other/KEY", "/etc/passwd", ".."])
def test_the_key_of_a_secret_is_no_path(key: str) -> None:
    env = [{"name": "S", "valueFrom": {"secretKeyRef": {"name": "mayfly", "key": key}}}]
    with pytest.raises(GatewayError, match="not a valid key"):
        parse(service(container={"env": env}))


@pytest.mark.parametrize("text", ["9" * 400, "9" * 400 + "h", "101000h101000h101000h900000h"])
def test_durations_have_an_end(text: str) -> None:
    with pytest.raises(GatewayError, match="too long"):
        seconds(text, "f")  # what is kept must be read again: JSON has no infinity


def test_images_are_folders(tmp_path: Path) -> None:
    own = tmp_path / "functions" / "datasets"
    own.mkdir(parents=True)
    (own / "main.py").touch()
    for image in ("mayfly/datasets", "mayfly/datasets:1.2", "host/mayfly/datasets@sha256:0"):
        assert locate(image, {}, tmp_path).folder == str(own)
    source = locate(f"file://{own}", {"FUNCTION_TARGET": "go"}, tmp_path)
    assert (source.target, source.own) == ("go", False)
    for image in ("mayfly/none", "nginx", "mayfly/../x", "mayfly/", "/nowhere", "/" + "x" * 300):
        with pytest.raises(GatewayError, match="image"):
            locate(image, {}, tmp_path)


def test_the_products_own_services_are_read() -> None:
    folder = Path(__file__).parents[4] / "infra" / "knative"
    documents = [
        document
        for path in sorted(folder.glob("*.yaml"))
        for document in yaml.safe_load_all(path.read_text())
        if document and document["kind"] == "Service"
    ]
    names = {parse(document).function for document in documents}
    assert {
        "accounts",
        "datasets",
        "training",
        "models",
        "monitoring",
        "prediction",
        "reports",
    } <= names
