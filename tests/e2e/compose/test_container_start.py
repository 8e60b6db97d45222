"""The benchmark of a container's start, once."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

pytestmark = [pytest.mark.docker, pytest.mark.slow]


def test_it_prints_a_ratio_to_its_base(engine: None) -> None:
    command = [sys.executable, "-m", "benchmarks.containers.start", "--times", "1"]
    command += ["--functions", "prediction"]
    ended = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    base, prediction, target = ended.stdout.splitlines()
    assert base.startswith("functions-framework, a function that says ok: median ")
    assert " x as fast; image " in prediction
    assert target.startswith("target 200 ms: ")
