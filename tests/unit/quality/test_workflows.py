"""What the workflows do besides the gate: images, releases, deploys, updates."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from infra.local.cli import mayfly
from infra.local.targets import images

ROOT = Path(__file__).resolve().parents[3]
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.y*ml"))
PINNED = re.compile(r"uses: ([\w./-]+)@([0-9a-f]{40}) # v\d+\.\d+\.\d+$")


def flow(name: str) -> Any:
    return yaml.safe_load((GITHUB / "workflows" / f"{name}.yml").read_text())


def steps(name: str) -> list[Any]:
    return [step for job in flow(name)["jobs"].values() for step in job.get("steps", ())]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_what_a_workflow_uses_is_named_by_its_commit(path: Path) -> None:
    named = [line.strip(" -") for line in path.read_text().splitlines() if "uses:" in line]
    assert named
    for line in named:
        assert PINNED.fullmatch(line) or line.startswith("uses: ./"), line


def test_one_commit_of_an_action_is_used_everywhere() -> None:
    found = {
        match
        for path in WORKFLOWS
        for match in re.findall(r"uses: (\S+)@(\w{40})", path.read_text())
    }
    assert len(found) > 5
    assert len(dict(found)) == len(found)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_may_read_and_each_job_says_what_else(path: Path) -> None:
    said = yaml.safe_load(path.read_text())
    assert said["permissions"] == {"contents": "read"}
    for job in said["jobs"].values():
        assert "uses" in job or job["timeout-minutes"] <= 90
        for step in job.get("steps", ()):
            assert "${{" not in str(step.get("run", "")), "a value in a script is code there"


def test_the_images_that_are_built_are_those_that_there_are() -> None:
    [job] = flow("images")["jobs"].values()
    built = {}
    for one in job["strategy"]["matrix"]["include"]:
        words = ("--build-arg", one["argument"]) if one["argument"] else ()
        built[f"mayfly/{one['image']}"] = (*words, "-f", one["file"])
    assert built == images.RECIPES


def test_an_image_is_scanned_before_it_is_pushed_and_says_what_it_is_of() -> None:
    names = [step.get("name") for step in steps("images")]
    assert names.index("Build") < names.index("Scan") < names.index("Push")
    by_name = {step.get("name"): step for step in steps("images")}
    assert by_name["Scan"]["with"]["fail-build"] is True
    push = by_name["Push"]
    assert push["if"] == "inputs.tag"
    assert (push["with"]["provenance"], push["with"]["sbom"]) == ("mode=max", True)
    assert push["env"] == by_name["Build"]["env"]
    assert push["with"]["build-args"] == by_name["Build"]["with"]["build-args"]


def test_a_release_goes_through_the_gate_and_a_deploy_is_approved() -> None:
    jobs = flow("release")["jobs"]
    chain = {name: job.get("needs") for name, job in jobs.items()}
    assert chain == {"gate": None, "images": "gate", "page": "images", "deploy": "page"}
    assert flow("release")[True] == {"push": {"tags": ["v[0-9]+.[0-9]+.[0-9]+"]}}
    [deploy] = flow("deploy")["jobs"].values()
    assert deploy["environment"] == "production"


def test_commands_and_options_that_workflows_call_are_there() -> None:
    called = set()
    for path in WORKFLOWS:
        for line in path.read_text().splitlines():
            called |= {
                tuple(words.split()) for words in re.findall(r"\./mayfly ([a-z ]+[a-z])", line)
            }
    assert {("release", "sbom"), ("deploy",), ("lock",)} <= called
    for words in called:
        found = CliRunner().invoke(mayfly, [*words[:2], "--help"])
        assert found.exit_code == 0, words
    help_text = CliRunner().invoke(mayfly, ["deploy", "--help"]).output
    options = re.findall(
        r"(--[a-z-]+)", "\n".join(step["run"] for step in steps("deploy") if "run" in step)
    )
    assert len(options) > 6
    assert [one for one in options if one not in help_text] == []


def test_the_runner_is_given_the_programs_that_tests_want_and_it_has_not() -> None:
    """Tests fail there where a program is missing; the gate installs as root alone."""
    installed = "\n".join(str(step.get("run", "")) for step in steps("ci"))
    brought = {"chromium", "kubernetes-client", "nodejs", "npm", "postgresql", "util-linux"}
    files = subprocess.run(
        ["git", "grep", "-hoE", r'program\(.*package="[^"]+"', "--", "tests"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    wanted = set(re.findall(r'package="([^"]+)"', files)) - brought - {"dash", "x"}  # of a test
    assert {"prometheus", "prometheus-alertmanager"} <= wanted
    assert [one for one in sorted(wanted) if f" {one}" not in installed] == []


@pytest.mark.parametrize("target", ["knative", "kubernetes"])
def test_the_deploy_s_options_are_what_its_platform_takes(target: str, tmp_path: Path) -> None:
    """Without --config a deploy by --overlay prod was refused."""
    [script] = [step["run"] for step in steps("deploy") if "run" in step]
    example = {"knative": "infra/knative/config.env", "kubernetes": "infra/kubernetes/example.env"}
    (tmp_path / "mayfly").write_text('#!/bin/sh\nshift; printf "%s\\n" "$@" > called\n')
    (tmp_path / "mayfly").chmod(0o755)
    given = {
        "KUBECONFIG_TEXT": "none",
        "MAYFLY_FIRST_KEY": "none",
        "TAG": "v1.2.3",
        "TARGET": target,
        "REGISTRY": "registry.example.org/you/mayfly",
        "FUNCTION_URL": "https://{name}.example.com{path}" if target == "knative" else "",
        "CONFIG": (ROOT / example[target]).read_text(),
        "RUNNER_TEMP": str(tmp_path),
        "PATH": "/usr/bin:/bin",
    }
    subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=tmp_path, env=given, check=True)
    words = (tmp_path / "called").read_text().splitlines()
    home = {"MAYFLY_HOME": str(tmp_path / "home")}
    found = CliRunner().invoke(mayfly, ["deploy", *words, "--dry-run"], env=home)
    assert found.exit_code == 0, found.output


def test_what_can_be_newer_is_looked_after() -> None:
    updates = yaml.safe_load((GITHUB / "dependabot.yml").read_text())["updates"]
    watched = {
        (one["package-ecosystem"], place.strip("/"))
        for one in updates
        for place in one.get("directories", [one.get("directory")])
    }
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    held: dict[str, list[str]] = {name: [] for name in ("package.json", "Dockerfile")}
    for name in listed:
        if Path(name).name in held:
            held[Path(name).name].append(str(Path(name).parent))
    wanted = {("npm", place) for place in held["package.json"]}
    wanted |= {("docker", place) for place in held["Dockerfile"]}
    assert watched == wanted | {("github-actions", ""), ("docker-compose", "")}
    assert "./mayfly lock --upgrade" in [step.get("run") for step in steps("update")]
