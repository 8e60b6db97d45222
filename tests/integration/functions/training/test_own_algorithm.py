"""The change that docs/howto/own-algorithm.md shows, made to a copy of the functions and tried."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
PAGE = ROOT / "docs" / "howto" / "own-algorithm.md"
DIFF = re.compile(r"^```diff\n(.*?)^```", re.DOTALL | re.MULTILINE)
NAME = "bayesian_ridge"
TRIED = f"""
from functions.training.learning.candidates.portfolio import portfolio
from functions.training.learning.large.memory import fit_bytes
from functions.training.model.requests.spec import JobRequest

request = JobRequest(dataset="d", target="t", algorithms=["{NAME}"])
for rows in (300, 30_000):
    found = {{one.algorithm for one in portfolio("regression", rows, 5, request)}}
    assert found == {{"{NAME}"}}, found
    assert fit_bytes("{NAME}", rows, 5, 0) > 0
"""


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the tests of algorithms need, with the page's change in it."""
    folder = tmp_path_factory.mktemp("own") / "mayfly"
    listed = subprocess.run(
        ["git", "ls-files", "functions", "tests", "infra/local", "emulators/kit", "pyproject.toml"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in listed.splitlines():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)
    [change] = DIFF.findall(PAGE.read_text())
    words = ["git", "apply", "-C1", "-"]  # what is around a change tells where it belongs
    done = subprocess.run(
        words, cwd=folder, input=change, text=True, capture_output=True, check=False
    )
    assert done.returncode == 0, f"the page's change does not fit any more: {done.stderr}"
    return folder


def run(folder: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def test_the_algorithm_learns_and_answers_in_onnx_as_in_python(changed: Path) -> None:
    assert NAME not in (ROOT / "functions/training/learning/candidates/algorithms.py").read_text()
    tests = "tests/unit/functions/training/test_estimators.py"
    said = run(changed, "-m", "pytest", "-q", "-n", "0", tests, "-k", NAME)
    assert re.search(r"\b([4-9]|\d\d) passed", said), said


def test_a_training_tries_it_by_its_name(changed: Path) -> None:
    run(changed, "-c", TRIED)
