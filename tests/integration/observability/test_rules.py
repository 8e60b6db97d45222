"""The rules and configurations by Prometheus' and Alertmanager's own tools."""

import subprocess
from pathlib import Path

import pytest

from infra.observability import files
from infra.observability.targets import on_this_machine
from tests.support.tools import program

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def promtool() -> str:
    return program("promtool", package="prometheus")


def done(*command: str | Path) -> str:
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.mark.parametrize("name", ["rules", "weeks"])
def test_rules_do_what_is_wanted(promtool: str, name: str) -> None:
    done(promtool, "test", "rules", HERE / f"{name}.test.yaml")


def test_a_rule_that_does_something_else_is_found(promtool: str, tmp_path: Path) -> None:
    """The tests themselves: with a rule changed, they fail."""
    alerts = (files.RULES / "alerts.yaml").read_text()
    (tmp_path / "alerts.yaml").write_text(alerts.replace("ratio5m > 0.05", "ratio5m > 0.5"))
    tests = (HERE / "rules.test.yaml").read_text()
    tests = tests.replace("../../../infra/observability/rules/alerts.yaml", "alerts.yaml")
    tests = tests.replace("../../..", str(HERE.parents[2]))
    (tmp_path / "rules.test.yaml").write_text(tests)
    command = [promtool, "test", "rules", str(tmp_path / "rules.test.yaml")]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode != 0
    assert "FunctionErrors" in ran.stdout + ran.stderr


def test_the_configurations_are_right(promtool: str, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("mfk_owner")
    files.write(tmp_path, on_this_machine({}, str(tmp_path)))
    told = done(promtool, "check", "config", tmp_path / files.PROMETHEUS)
    assert "2 rule files found" in told
    amtool = program("amtool", package="prometheus-alertmanager")
    done(amtool, "check-config", tmp_path / files.ALERTMANAGER)
