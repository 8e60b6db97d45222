"""OpenFaaS stack files become the requests that `faas-cli deploy` sends."""

from pathlib import Path

import pytest

from infra.local import openfaas_stack, settings
from infra.local.errors import LocalError

STACK = """
version: "1.0"
provider:
  name: openfaas
  gateway: http://127.0.0.1:8080
functions:
  thumbs:
    lang: python3-http
    handler: ./thumbs
    image: ${REGISTRY:-registry.example}/thumbs:${TAG}
    fprocess: python index.py
    namespace: photos
    environment: {write_debug: true, size: 64, mode: yaml}
    environment_file: [env.yaml]
    secrets: [camera]
    labels: {com.openfaas.scale.min: "1"}
    annotations: {topic: a.b}
    limits: {memory: 40Mi}
    requests: {cpu: 20m}
    constraints: ["node.platform.os == linux"]
    readonly_root_filesystem: true
    build_args: {X: "1"}
    skip_build: true
"""


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    (tmp_path / "stack.yaml").write_text(STACK)
    (tmp_path / "env.yaml").write_text("environment:\n  mode: file\n")
    return tmp_path / "stack.yaml"


def test_every_field_that_faas_cli_sends(stack: Path) -> None:
    assert openfaas_stack.is_stack(stack)
    assert openfaas_stack.requests(stack, {"TAG": "1.2"}) == [
        {
            "service": "thumbs",
            "image": "registry.example/thumbs:1.2",
            "namespace": "photos",
            "envProcess": "python index.py",
            "envVars": {"write_debug": "true", "size": "64", "mode": "file"},
            "secrets": ["camera"],
            "labels": {"com.openfaas.scale.min": "1"},
            "annotations": {"topic": "a.b"},
            "limits": {"memory": "40Mi"},
            "requests": {"cpu": "20m"},
            "constraints": ["node.platform.os == linux"],
            "readOnlyRootFilesystem": True,
        }
    ]


def test_a_handler_with_main_py_runs_as_it_is(stack: Path) -> None:
    handler = stack.parent / "thumbs"
    handler.mkdir()
    (handler / "main.py").touch()
    (request,) = openfaas_stack.requests(stack, {"TAG": "1", "REGISTRY": "other.example"})
    assert request["image"] == str(handler)


def test_our_own_file_is_one() -> None:
    file = settings.ROOT / "infra/openfaas/stack.yaml"
    found = {request["service"]: request for request in openfaas_stack.requests(file, {})}
    assert found["prediction"]["image"] == "mayfly/prediction"
    assert found["prediction"]["envVars"]["MAYFLY_BUCKET"] == "mayfly"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (STACK, r"\$\{TAG\} is not set"),
        ("provider: {}\nfunctions: [a]\n", "functions must map"),
        ("provider: {}\n", "functions must map"),
        ("provider: {}\nfunctions: {a: {lang: go}}\n", "a has no image"),
        ("provider: {}\nfunctions: {a: {image: x, environment_file: [no.yaml]}}\n", "no.yaml"),
        ("provider: {}\nfunctions: {}\n", "functions must map"),
        ("provider: {}\nfunctions: {a: {image: x, environment: [A=b]}}\n", "environment must map"),
        ("provider: {}\nfunctions: {a: {image: x, environment_file: no.yaml}}\n", "no.yaml"),
        ("provider: {}\nfunctions: [", "is not YAML"),
        ("provider: \xff", "is not YAML"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, reason: str) -> None:
    file = tmp_path / "stack.yaml"
    file.write_bytes(text.encode("latin-1"))
    assert openfaas_stack.is_stack(file)
    with pytest.raises(LocalError, match=reason) as caught:
        openfaas_stack.requests(file, {})
    assert "stack.yaml" in str(caught.value)


def test_other_files_are_none(tmp_path: Path) -> None:
    assert not openfaas_stack.is_stack(tmp_path)
    assert not openfaas_stack.is_stack(tmp_path / "missing.yaml")
    assert not openfaas_stack.is_stack(settings.ROOT / "infra/knative/prediction.yaml")
