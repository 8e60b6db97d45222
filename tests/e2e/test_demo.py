"""The demo, as a newcomer calls it."""

import json
import os
import re
import signal
import subprocess

import pytest

from infra.local.settings import INDEXES
from infra.local.system.processes import marked
from tests.support.processes import ROOT, answers, wait_until

pytestmark = pytest.mark.slow


def figure(shown: str, row: str, name: str) -> float:
    """Return the figure called `name` in the table's row that begins with `row`."""
    found = re.search(rf"^{row}.*?{name} (\d+\.\d+)", shown, re.MULTILINE)
    assert found is not None, f"no {name} for {row!r} in:\n{shown}"
    return float(found[1])


def processes(stack):
    return list(marked(str(stack.home)))


def test_the_demo_learns_proves_parity_and_leaves_nothing_running(new_stack, tmp_path):
    new_stack.extra["COLUMNS"] = "200"
    recorded = tmp_path / "recorded.json"
    new_stack.extra["FIRESTORE_RECORD_INDEXES"] = str(recorded)
    new_stack.extra["FIRESTORE_REQUIRE_INDEXES"] = "1"

    done = new_stack.mayfly("demo")

    assert done.returncode == 0, done.stdout + done.stderr
    # What it did not lack (or it would have failed) is all that it needs: no index too many.
    # What the file takes away of the automatic ones, no query shows.
    declared = json.loads(INDEXES.read_text())
    needed = {"indexes": declared["indexes"], "fieldOverrides": []}
    assert json.loads(recorded.read_text()) == needed
    assert "titanic: 1309 rows, 11 columns" in done.stdout
    assert figure(done.stdout, r"titanic version 1", "accuracy") >= 0.78
    assert figure(done.stdout, r"titanic version 1", "ROC AUC") >= 0.84
    assert re.search(r"agree on 2\d\d rows; largest difference \d", done.stdout)
    assert re.search(r"median \d+ ms of 5 starts from zero replicas", done.stdout)
    assert re.search(r"median [\d.]+ ms, p95 [\d.]+ ms of 200 calls", done.stdout)
    candidates = r"^\w+( \S+=\S+)* +accuracy \d\.\d+  ROC AUC \d\.\d+"
    assert len(re.findall(candidates, done.stdout, re.MULTILINE)) >= 3
    assert processes(new_stack) == []
    # Addresses that have gone with the stack are told to be gone, and how they come back.
    *_, last = done.stdout.splitlines()
    assert last.startswith("Stopped again: the addresses above answer no more")
    assert last.endswith("./mayfly demo --keep")


def test_a_second_demo_adds_a_version_and_keeps_what_runs(new_stack):
    new_stack.extra["COLUMNS"] = "200"
    kept = new_stack.mayfly("demo", "--keep")
    assert kept.returncode == 0, kept.stdout + kept.stderr
    [pages] = re.findall(r"Pages +(http://\S+)", kept.stdout)
    assert answers(pages)
    assert "answer no more" not in kept.stdout

    again = new_stack.mayfly("demo")

    assert again.returncode == 0, again.stdout + again.stderr
    assert "titanic: 1309 rows" in again.stdout
    assert "titanic version 2" in again.stdout
    assert "answer no more" not in again.stdout
    wait_until(lambda: all(part["ready"] for part in new_stack.status().values()))


@pytest.mark.parametrize("victim", ["launcher", "gateway"])
def test_the_demo_outlives_a_kill_in_the_middle(new_stack, victim):
    demo = subprocess.Popen(
        [ROOT / "mayfly", "demo"],
        env=new_stack.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert demo.stdout is not None
    for line in demo.stdout:  # until the rows are in, and the training begins
        if "rows of titanic.csv" in line:
            break
    run = json.loads((new_stack.home / "run.json").read_text())
    found = run["launcher"] if victim == "launcher" else run["parts"][victim]

    os.kill(found["pid"], signal.SIGKILL)

    shown, _ = demo.communicate(timeout=600)
    assert demo.returncode == 0, shown
    assert "5 candidates are trained" in shown
    wait_until(lambda: processes(new_stack) == [], what="no process left")
