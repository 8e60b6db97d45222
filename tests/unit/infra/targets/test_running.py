"""A deploy elsewhere: told, refused in a line, or carried out by the programs that there are."""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from infra.local.cli import mayfly
from infra.local.commands import elsewhere
from infra.local.errors import LocalError
from infra.local.targets import running
from infra.local.targets.catalogue import TARGETS
from infra.local.targets.plan import Login, Need, Plan, Step

REGISTRY = ("--registry", "registry.example.org/you/mayfly")


def deploy(tmp_path: Path, *words: str, path: str = "/usr/bin:/bin") -> Result:
    env = {"MAYFLY_HOME": str(tmp_path / "home"), "PATH": path}
    return CliRunner().invoke(mayfly, ["deploy", *words], env=env)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of programs, which note how they are called, in place of those of this machine."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("docker", "kubectl", "failing"):
        ends = "exit 3" if name == "failing" else "echo yes"
        file = folder / name
        file.write_text(f'#!/bin/sh\necho "{name} $*" >> "{tmp_path}/called"\n{ends}\n')
        file.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin")
    return folder


def called(tmp_path: Path) -> list[str]:
    return (tmp_path / "called").read_text().splitlines()


def test_the_names_are_those_of_the_targets() -> None:
    assert tuple(TARGETS) == elsewhere.NAMES


def test_a_dry_run_tells_commands_and_calls_none(tmp_path: Path, programs: Path) -> None:
    found = deploy(tmp_path, "--to", "kubernetes", *REGISTRY, "--dry-run", path=str(programs))
    assert found.exit_code == 0, found.output
    made = tmp_path / "home/deploy/kubernetes"
    lines = [line for line in found.output.splitlines() if not line.startswith("#")]
    assert "docker push registry.example.org/you/mayfly/prediction:latest" in lines
    assert f"kubectl apply -k {made}" in lines
    assert (made / "kustomization.yaml").is_file()
    assert lines[-1].startswith("kubectl -n mayfly-dev port-forward service/gateway")
    assert not (tmp_path / "called").exists()


def test_a_dry_run_can_be_repeated_and_says_what_is_missing(tmp_path: Path) -> None:
    for _ in range(2):
        found = deploy(tmp_path, "--to", "kubernetes", *REGISTRY, "--dry-run", path="/nowhere")
        assert found.exit_code == 0, found.output
        assert "# There is no kubectl here. Install kubectl" in found.output


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--dry-run",), "--dry-run is for a deploy elsewhere: give --to."),
        (("--registry", "x"), "--registry is for a deploy elsewhere"),
        (("--to", "mars"), "'mars' is not one of 'knative'"),
        (
            ("--to", "kubernetes"),
            "--registry is needed for kubernetes. Such as: --registry registry.",
        ),
        (("--to", "kubernetes", "infra/knative"), "name no files"),
        (("--to", "kubernetes", *REGISTRY), "There is no kubectl here. Install kubectl"),
        (("--to", "kubernetes", "--overlay", "prod", *REGISTRY), "--config is needed for kube"),
        (("--to", "knative", *REGISTRY), "--config is needed for knative. Copy infra/knative/"),
        (("--to", "cloud-run", *REGISTRY, "--region", "r"), "--project is needed for cloud-run."),
        (("--to", "openfaas", *REGISTRY), "--gateway is needed for openfaas."),
        (("--to", "openfaas", *REGISTRY, "--gateway", "http://g"), "There is no faas-cli here."),
        (("--to", "ecs", *REGISTRY), "--region is needed for ecs. Such as: --region eu-"),
        (("--to", "kubernetes", *REGISTRY, "--region", "r"), "--region means nothing to kube"),
        (("--to", "ecs", *REGISTRY, "--no-demo"), "--no-demo means nothing to ecs, but to knative"),
        (("--to", "kubernetes", *REGISTRY, "--config", __file__), "--config is for --overlay prod"),
        (("--to", "openfaas", *REGISTRY, "--gateway", "gw"), "--gateway 'gw' is no URL. Such as:"),
        (("--to", "openfaas", *REGISTRY, "--gateway", "http://g:x"), "'http://g:x' is no URL."),
        (("--to", "knative", *REGISTRY, "--function-url", "z"), "does not say where {name} goes"),
        (("--to", "kubernetes", "--registry", "https://r/x"), "is no host with a path in small"),
        (("--to", "kubernetes", "--registry", "r.example.org"), "--registry 'r.example.org' is no"),
        (("--to", "kubernetes", *REGISTRY, "--tag", "a b"), "--tag 'a b' is no tag of an image."),
    ],
)
def test_what_is_missing_is_one_line_that_names_it(
    tmp_path: Path, words: tuple[str, ...], reason: str
) -> None:
    found = deploy(tmp_path, *words, path="/nowhere")
    assert found.exit_code in {1, 2}
    assert reason in " ".join(found.output.split())


def plan(*steps: Step, program: str = "kubectl", login: tuple[str, ...] = ("true",)) -> Plan:
    ask = Login(("sh", "-c", "echo me; " + " ".join(login)), "Nobody is logged in", "log in")
    return Plan("test", (Need(program, "Install it."),), (ask,), steps)


def test_steps_are_called_in_their_order(tmp_path: Path, programs: Path) -> None:
    told: list[str] = []
    steps = (Step("One", ("docker", "build")), Step("Two", ("kubectl", "apply"), {"A": "b"}))
    running.run(plan(*steps), told.append)
    assert called(tmp_path) == ["docker build", "kubectl apply"]
    assert told == ["[1/2] One", "[2/2] Two"]
    assert str(steps[1]) == "A=b kubectl apply"


def test_a_step_that_fails_ends_the_deploy(tmp_path: Path, programs: Path) -> None:
    steps = (Step("First", ("failing", "now")), Step("Second", ("docker", "push")))
    with pytest.raises(LocalError, match="First failed with status 3: failing now"):
        running.run(plan(*steps), lambda _: None)
    assert called(tmp_path) == ["failing now"]


def test_nothing_is_built_where_nobody_is_logged_in(tmp_path: Path, programs: Path) -> None:
    with pytest.raises(LocalError, match=r"Nobody is logged in \(who\?\)\. log in"):
        running.run(
            plan(Step("Build", ("docker", "build")), login=("echo 'who?' >&2; false",)),
            lambda _: None,
        )
    with pytest.raises(LocalError, match=r"There is no absent here\. Install it\."):
        running.run(plan(program="absent"), lambda _: None)
    assert not (tmp_path / "called").exists()


def test_what_runs_beside_a_step_is_ready_before_it_and_gone_after(
    tmp_path: Path, programs: Path
) -> None:
    beside = tmp_path / "bin" / "beside"
    note = f'>> "{tmp_path}/called"'
    beside.write_text(
        f"#!/bin/sh\ntrap 'echo ended {note}; exit' TERM\necho begun {note}\necho ready\n"
        f'while :; do read x < "{tmp_path}/pipe"; done\n'
    )
    beside.chmod(0o755)
    os.mkfifo(tmp_path / "pipe")
    running.run(
        plan(Step("Try", ("docker", "run"), beside=("beside",)), program="docker"), lambda _: None
    )
    assert called(tmp_path) == ["begun", "docker run", "ended"]


def test_what_does_not_begin_beside_a_step_is_told(tmp_path: Path, programs: Path) -> None:
    step = Step("Try", ("docker", "run"), beside=("sh", "-c", "exit 4"))
    with pytest.raises(LocalError, match="ended with status 4"):
        running.run(plan(step), lambda _: None)
    assert not (tmp_path / "called").exists()


def test_a_folder_of_somebody_s_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").touch()
    words = ("--to", "kubernetes", *REGISTRY, "--dry-run", "--out", str(tmp_path / "mine"))
    found = deploy(tmp_path, *words)
    assert "holds files already. Name an empty folder: --out" in " ".join(found.output.split())


def test_a_file_of_variables_is_text_and_says_nothing_that_is_left_aside(tmp_path: Path) -> None:
    config = tmp_path / "my.env"
    words = ("--to", "kubernetes", "--overlay", "prod", *REGISTRY, "--dry-run", "--config")
    config.write_bytes(b"\xff\xfe")
    found = deploy(tmp_path, *words, str(config))
    assert f"{config} is no text. Write NAME=value a line, in UTF-8." in found.output
    names = ("GOOGLE_CLOUD_PROJECT", "MAYFLY_BUCKET", "WEB_HOST", "API_HOST", "MAYFLY_SMTP_URL")
    config.write_text("".join(f"{name}=some-where\n" for name in names))
    found = deploy(tmp_path, *words, str(config))
    assert found.exit_code == 1
    assert f"{config} says MAYFLY_SMTP_URL, which goes nowhere." in " ".join(found.output.split())


def test_variables_of_a_shell_are_no_options(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "of-another-program")
    found = deploy(tmp_path, "--to", "kubernetes", *REGISTRY, "--dry-run")
    assert found.exit_code == 0, found.output
