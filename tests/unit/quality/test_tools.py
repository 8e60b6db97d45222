"""Lint, format and types: part of the tests, so that there is one command for everything."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def passes(*command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        pytest.fail(f"{' '.join(command)}\n{done.stdout}{done.stderr}", pytrace=False)


def test_lint() -> None:
    passes("ruff", "check", "--output-format", "concise", ".")


def test_format() -> None:
    passes("ruff", "format", "--check", ".")


@pytest.mark.slow
def test_types() -> None:
    passes("mypy")
