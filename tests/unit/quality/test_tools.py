"""Lint, format and types: part of the tests, so that there is one command for everything."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def mayfly(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "infra.local", *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def passes(*command: str) -> None:
    done = mayfly(*command)
    if done.returncode != 0:
        pytest.fail(f"./mayfly {' '.join(command)}\n{done.stdout}{done.stderr}", pytrace=False)


def test_lint() -> None:
    passes("lint")


def test_format() -> None:
    passes("format", "--check")


@pytest.mark.slow
def test_types() -> None:
    passes("types")


def test_what_is_wrong_fails_each_command(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text("import os\nnumber: int = 'one'\nother = 'x'\n")
    for words, said in (("lint", "F401"), ("format --check", "reformat"), ("types", "assignment")):
        done = mayfly(*words.split(), str(wrong))
        assert done.returncode == 1, words
        assert said in done.stdout + done.stderr, words


def test_what_can_be_mended_is_mended(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text("import os\n\nnumber = 'one'\n")
    assert mayfly("lint", "--fix", str(wrong)).returncode == 1  # it has no docstring
    assert mayfly("format", str(wrong)).returncode == 0
    assert wrong.read_text() == 'number = "one"\n'
