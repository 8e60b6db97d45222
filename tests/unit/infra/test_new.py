"""`./mayfly new` writes functions whose tests pass and that deploy as they are."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from infra.local.calling import own_models
from infra.local.cli import mayfly
from infra.local.deploying import manifests


@pytest.mark.parametrize("options", [[], ["--event"], ["--model"]], ids=["http", "event", "model"])
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


def test_nothing_is_overwritten_and_names_are_checked(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()

    for name, reason in (("there", "exists already"), ("Bad_Name", "is no name")):
        found = CliRunner().invoke(mayfly, ["new", str(tmp_path / name)])
        assert found.exit_code == 1
        assert reason in found.output
    assert [path.name for path in tmp_path.iterdir()] == ["there"]
