"""OpenFaaS stack files become the requests that `faas-cli deploy` sends."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from emulators.gateway.errors import Invalid
from emulators.gateway.specs.edition import check_deploy
from emulators.gateway.specs.openfaas import parse
from infra.local import settings
from infra.local.deploying import manifests, openfaas_stack
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
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
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


@pytest.mark.parametrize("file", ["main.py", "handler.py"])
@pytest.mark.parametrize(("tag", "sent"), [("", ":latest"), (":2", ":2")])
def test_a_handler_that_is_the_image_is_named_as_by_faas_cli(
    stack: Path, file: str, tag: str, sent: str
) -> None:
    """So that its `diff` finds no difference."""
    handler = stack.parent / "thumbs"
    handler.mkdir()
    (handler / file).touch()
    text = STACK.replace(
        "image: ${REGISTRY:-registry.example}/thumbs:${TAG}", f"image: {handler}{tag}"
    )
    assert text != STACK
    stack.write_text(text)
    (request,) = openfaas_stack.requests(stack, {"TAG": "1"})
    assert request["image"] == f"{handler}{sent}"


def test_a_handler_is_looked_for_in_the_current_folder_first(
    stack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in (stack.parent / "thumbs", stack.parent / "here/thumbs"):
        folder.mkdir(parents=True)
        (folder / "main.py").touch()
    (stack.parent / "here/env.yaml").write_text("environment: {}\n")
    monkeypatch.chdir(stack.parent / "here")
    (request,) = openfaas_stack.requests(stack, {"TAG": "1"})
    assert request["image"] == str(stack.parent / "here/thumbs")


def test_files_of_variables_are_found_as_by_faas_cli(
    stack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (stack.parent / "env.yaml").write_text("environment: {mode: '${HOME}', size: 1_000}\n")
    (request,) = openfaas_stack.requests(stack, {"TAG": "1", "HOME": "/x"})
    assert request["envVars"]["mode"] == "${HOME}"  # faas-cli replaces nothing in these
    assert request["envVars"]["size"] == "1_000"
    (stack.parent / "elsewhere").mkdir()
    monkeypatch.chdir(stack.parent / "elsewhere")
    with pytest.raises(LocalError, match=r"no environment_file env\.yaml .*current folder"):
        openfaas_stack.requests(stack, {"TAG": "1"})


@pytest.fixture
def ours(monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(settings.ROOT)
    return Path("infra/openfaas")


@pytest.mark.parametrize("name", ["stack.yaml", "stack.ce.yaml"])
def test_our_own_files_are_read_from_the_root(ours: Path, name: str) -> None:
    found = {r["service"]: r for r in openfaas_stack.requests(ours / name, {})}
    assert set(found) == {
        "accounts",
        "datasets",
        "models",
        "monitoring",
        "prediction",
        "reports",
        "training",
    }
    assert found["prediction"]["image"] == "localhost:5000/mayfly/prediction:latest"
    assert found["prediction"]["envVars"]["MAYFLY_BUCKET"] == "mayfly"


def test_registry_tag_and_variables_of_our_own_files_are_settings(
    ours: Path, tmp_path: Path
) -> None:
    (tmp_path / "env.yaml").write_text("environment: {GOOGLE_CLOUD_PROJECT: p}\n")
    env = {
        "MAYFLY_REGISTRY": "registry.example/team/mayfly",
        "MAYFLY_TAG": "1.2",
        "MAYFLY_ENV_FILE": str(tmp_path / "env.yaml"),
    }
    for name in ("stack.yaml", "stack.ce.yaml"):
        for request in openfaas_stack.requests(ours / name, env):
            assert request["image"] == f"registry.example/team/mayfly/{request['service']}:1.2"
            assert request["envVars"]["GOOGLE_CLOUD_PROJECT"] == "p"


def test_no_image_of_ours_is_a_bare_name(ours: Path) -> None:
    """`mayfly/...` without a registry is somebody else's on a public hub."""
    for name in ("stack.yaml", "stack.ce.yaml"):
        for request in openfaas_stack.requests(ours / name, {}):
            host = request["image"].partition("/")[0]
            assert "." in host or ":" in host


def test_the_community_edition_takes_its_file_and_not_the_other(ours: Path) -> None:
    def deployed(name: str) -> None:
        for request in openfaas_stack.requests(ours / name, {}):
            check_deploy("ce", parse(msgspec.json.encode(request), 0), [])

    deployed("stack.ce.yaml")
    with pytest.raises(Invalid, match="needs OpenFaaS Pro"):
        deployed("stack.yaml")


def test_the_local_gateway_leaves_our_functions_the_time_of_their_services(ours: Path) -> None:
    limits = {
        service["metadata"]["name"]: service["spec"]["template"]["spec"]["timeoutSeconds"]
        for service in manifests.services(manifests.load(manifests.KNATIVE))
    }
    for name in ("stack.yaml", "stack.ce.yaml"):
        for request in openfaas_stack.requests(ours / name, {}):
            revision = parse(msgspec.json.encode(request), 0).current
            assert revision.timeout >= limits[request["service"]]


def test_both_files_say_the_same_but_for_scaling_and_retries(ours: Path) -> None:
    def said(name: str) -> list[dict[str, Any]]:
        env = {"MAYFLY_ENV_FILE": "infra/openfaas/env.yaml"}
        found = openfaas_stack.requests(ours / name, env)
        for request in found:
            request.pop("labels", None)
            mine = request["annotations"].items()
            request["annotations"] = {k: v for k, v in mine if not k.startswith("com.openfaas.")}
        return found

    assert said("stack.ce.yaml") == said("stack.yaml")


def test_faas_cli_builds_what_the_dockerfile_copies(ours: Path) -> None:
    """Its context is the handler's content and what `configuration.copy` names, from the root."""
    recipe = (settings.ROOT / "functions/Dockerfile").read_text()
    sources = [
        source
        for words in map(str.split, recipe.splitlines())
        if words[:1] == ["COPY"] and not words[1].startswith("--from")
        for source in words[1:-1]
    ]
    assert "requirements.lock" in sources
    for name in ("stack.yaml", "stack.ce.yaml"):
        stack = yaml.safe_load((ours / name).read_text())
        copied = stack["configuration"]["copy"]
        for function in stack["functions"].values():
            handler = Path(function["handler"])
            assert (handler / "Dockerfile").read_text() == recipe
            for source in sources:
                path = source.replace("${FUNCTION}", function["build_args"]["FUNCTION"])
                assert Path(path).exists()
                assert any(Path(path).is_relative_to(top) for top in copied), path


HEAD = "provider: {name: openfaas}\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (HEAD + "functions: [a]\n", "line 2: functions: a mapping is wanted"),
        (HEAD, "functions must map"),
        ("functions: {a: {image: x}}\n", r"provider.name must be 'openfaas', not ''"),
        ("provider: {name: faas}\nfunctions: {a: {image: x}}\n", "not 'faas'"),
        ("version: 2.0\n" + HEAD + "functions: {a: {image: x}}\n", "version must be '1.0'"),
        (HEAD + "functions: {a: {lang: go}}\n", "a has no image"),
        (HEAD + "functions: {a: {image: x, lang: go}}\n", "wants template/go/template.yml"),
        (HEAD + "functions: {a: {image: x, environment_file: [no.yaml]}}\n", "no.yaml"),
        (HEAD + "functions: {}\n", "functions must map"),
        (HEAD + "functions: {a: {image: x, environment: [A=b]}}\n", "a mapping is wanted"),
        (HEAD + "functions: {a: {image: x, environment: {A: [b]}}}\n", "environment.A: a text"),
        (HEAD + "functions: {a: {image: x, environment_file: e.yaml}}\n", "a list of texts"),
        (HEAD + "functions: {a: {image: x, secrets: s}}\n", "secrets: a list of texts"),
        (HEAD + "functions: {a: {image: x, labels: [s]}}\n", "labels: a mapping is wanted"),
        (HEAD + "functions: {a: {image: x, limits: 1Gi}}\n", "limits: a mapping is wanted"),
        (HEAD + "functions: {a: {image: x, skip_build: maybe}}\n", "skip_build: true or false"),
        (HEAD + "functions: {a: {image: x, build_args: [A]}}\n", "build_args: a mapping"),
        (HEAD + "functions: {a: {image: x, image: y}}\n", "'image' is there already"),
        (HEAD + "functions: {a: {image: x}, a: {image: y}}\n", "'a' is there already"),
        (HEAD + "functions: {a: {image: '${A-b}'}}\n", "line 2: missing closing brace"),
        (HEAD + "functions: {a: {image: '${}'}}\n", "unable to parse variable name"),
        ("provider: {name: openfaas}\nfunctions: [", "is not YAML"),
        ("provider: \xff", "is not YAML"),
    ],
)
def test_what_faas_cli_refuses_is_refused_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, reason: str
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "stack.yaml"
    file.write_bytes(text.encode("latin-1"))
    assert openfaas_stack.is_stack(file)
    with pytest.raises(LocalError, match=reason) as caught:
        openfaas_stack.requests(file, {})
    assert "stack.yaml" in str(caught.value)


def test_what_faas_cli_takes_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "template/go").mkdir(parents=True)
    (tmp_path / "template/go/template.yml").write_text("language: go\nfprocess: ./handler\n")
    file = tmp_path / "stack.yaml"
    file.write_text(
        "x: &more {B: yes, C: ~}\nversion: 1.0\nprovider: {name: openfaas, unknown: 1}\n"
        "functions:\n"
        "  a: {image: 'r.example:5000/a', lang: go, colour: red, readonly_root_filesystem: on,\n"
        "      environment: {<<: *more, A: 010, D: '$${X} ${X}'}}\n"
    )
    (request,) = openfaas_stack.requests(file, {})
    assert request == {
        "service": "a",
        "image": "r.example:5000/a:latest",
        "envProcess": "./handler",
        "envVars": {"A": "010", "B": "yes", "C": "", "D": "${X} "},
        "readOnlyRootFilesystem": True,
    }


def test_other_files_are_none(tmp_path: Path) -> None:
    assert not openfaas_stack.is_stack(tmp_path)
    assert not openfaas_stack.is_stack(tmp_path / "missing.yaml")
    assert not openfaas_stack.is_stack(settings.ROOT / "infra/knative/prediction.yaml")
