"""A stack of one's own, before it is started and once it is gone."""

from pathlib import Path

from benchmarks.stack import Stack


def test_a_stack_whose_launcher_is_gone_has_no_parts(tmp_path: Path) -> None:
    stack = Stack(tmp_path / "home")

    assert stack.status() == {}
    stack.down()


def test_what_is_added_to_its_variables_reaches_its_commands(tmp_path: Path) -> None:
    stack = Stack(tmp_path / "home")
    stack.extra["MAYFLY_WEB_PORT"] = "none"

    refused = stack.mayfly("status")

    assert refused.returncode == 1
    assert "MAYFLY_WEB_PORT='none' is not a port" in refused.stderr
